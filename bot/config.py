"""The configuration: TOML read into frozen dataclasses. A wrong key, type or value is one line naming it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot import assistant
from bot.analysis.grading import Thresholds
from bot.drafting.book import load_book
from bot.errors import ConfigError
from bot.fetch import Limits
from bot.model.grade import Grade
from bot.model.house import Brief, Channel, House, Room
from bot.model.options import FromOutside, Seconds, option, read_options, required
from bot.model.people import Person, Role
from bot.model.source import Common
from bot.model.times import seconds_of
from bot.plan import books

GRADES = ("blue", "yellow", "orange", "red")
OFF = "这一项未启用"


@dataclass(frozen=True)
class BotOptions:
    """``[bot]``."""

    name: str = option("望楼", "群里 @ 的名字")
    data_dir: str = option("data", "数据库、备份、导出都在这里")
    timezone: str = option("Asia/Shanghai", "显示时间用的时区")
    company: tuple[str, ...] = option((), "本公司的名字和简称，判断是不是在说我们")
    competitors: tuple[str, ...] = option((), "竞争对手的名字，说它们的不算我们的负面")
    listed: bool = option(False, "上市公司：涉股价的稿件须董秘会签")
    contact: str = option("", "声明里的联系方式，如 400 电话")
    contact_hours: str = option("9:00–21:00", "联系方式的服务时间")
    full_name: str = option("", "声明落款的公司全称，空则用 company 的第一个")
    heartbeat: str = option("", "外部监控给的心跳网址：自查无出入时每分钟访问一次，停了由它报警")
    hour_rate: float = option(0.0, "每小时人工费（元），「花费 12小时」按它折算；0 为不折算")


@dataclass(frozen=True)
class WebOptions:
    """``[web]``."""

    host: str = option("127.0.0.1", "监听地址；只有回环地址才会开放免密的本地房间")
    port: int = option(8765, "监听端口")
    ingest: dict[str, Any] = option({}, "推送源的密钥，轮换期可写两个")
    local_room_token: str = option("", "本地房间的口令；有真实群或非回环地址时必须设")


@dataclass(frozen=True)
class PersonOptions:
    """``[[people]]``."""

    name: str = required("姓名，群里就用它")
    roles: tuple[str, ...] = option((), "角色，见 README 的角色表")
    wecom: str = option("", "企业微信 userid")
    dingtalk: str = option("", "钉钉 userId")
    webhook: str = option("", "通用推送平台上的编号")
    phone: str = option("", "电话，只在私聊里给")
    deputy: str = option("", "代理人姓名，签字超时后转给他")


@dataclass(frozen=True)
class RoomOptions:
    """``[[rooms]]``."""

    name: str = required("房间名")
    platform: str = option("local", "平台：local | wecom | dingtalk")
    chat: str = option("", "群的 chatid；也可在群里「绑定」")
    from_grade: str = option("blue", "低于此级不推到这个房间", choices=GRADES)
    webhook: str = option("", "这个群自己的机器人地址，主通道断时备用")
    webhook_secret: str = option("", "机器人的加签密钥")
    transports: tuple[str, ...] = option((), "出口的先后；空则用最好的")


@dataclass(frozen=True)
class BriefOptions:
    """``[[briefs]]``."""

    to: tuple[str, ...] = required("收简报的人")
    at: tuple[str, ...] = option(("08:30", "18:00"), "每天几点送")
    from_grade: str = option("orange", "达到此级立即送", choices=GRADES)
    docx: bool = option(False, "简报另附一份 .docx，便于转发和打印")


@dataclass(frozen=True)
class AnalysisOptions:
    """``[analysis]``."""

    sentiment: str = option("linear", "情感模型：linear 快而准，snownlp 供对照", choices=("linear", "snownlp"))
    model: str = option("", "自己训练的模型文件，空则用自带的")
    thresholds: dict[str, Any] = option({}, "分级阈值，如 heat = [20, 40, 60, 80]")


@dataclass(frozen=True)
class WatchOptions:
    """``[[watch]]``."""

    name: str = required("规则名，出现在预警里")
    any: tuple[str, ...] = option((), "至少出现一个")
    all: tuple[str, ...] = option((), "每个都要出现")
    none: tuple[str, ...] = option((), "一个都不能出现")
    expr: str = option("", "表达式：(甲 | 乙) & 丙 - 丁，「甲 ~10 乙」为相距十字以内")
    kind: str = option("own", "own 自己 | competitor 竞品 | industry 行业", choices=("own", "competitor", "industry"))
    homophones: bool = option(False, "谐音也算")


@dataclass(frozen=True)
class ChannelOptions:
    """``[[channels]]``."""

    name: str = required("渠道：weibo wechat_mp website app sms …")
    label: str = option("", "渠道的中文名")
    operator: str = option("", "谁来发")
    connector: str = option("", "自动发布的连接器，空则交给人发")
    site: str = option("", "这个渠道自己的网址开头；写了，内网的页面（如内部公告）也会去核对")


@dataclass(frozen=True)
class TimerOptions:
    """``[timers]``: the clocks of the room page, section 9, each as red, orange, yellow, blue; empty = no such clock."""

    claim: tuple[str, ...] = option(("5m", "15m", "30m", "60m"), "认领时限：红、橙、黄、蓝")
    assessment: tuple[str, ...] = option(("30m", "1h", "2h", "4h"), "研判时限")
    report: tuple[str, ...] = option(("10m", "30m", "2h", ""), "上报时限")
    posts: tuple[str, ...] = option(("5m", "10m", "30m", ""), "点名缺位时限")
    first_statement: tuple[str, ...] = option(("1h", "4h", "24h", ""), "首次发声或不发声决定的时限")
    update: tuple[str, ...] = option(("2h", "4h", "1d", ""), "速报间隔")
    account: tuple[str, ...] = option(("24h", "48h", "", ""), "完整说明时限")
    signature: tuple[str, ...] = option(("10m", "20m", "60m", "1d"), "签字人等候时限")
    accept: tuple[str, ...] = option(("10m", "10m", "2h", "1d"), "按「接」的时限")
    quiet: tuple[str, ...] = option(("72h", "48h", "24h", "12h"), "结案前的静默期")
    review: tuple[str, ...] = option(("72h", "72h", "7d", ""), "结案后交复盘的时限")
    read: tuple[str, ...] = option(("10m", "30m", "", ""), "领导未阅转电话的时限")
    confirm: Seconds = option(Seconds(120.0), "危险动作等确认多久")
    second: Seconds = option(Seconds(900.0), "等第二人多久")
    digest_at: str = option("08:30", "每日摘要的时刻")


@dataclass(frozen=True)
class SourceOptions:
    """One ``[[sources]]``: what every kind has, and the kind's own part as its module reads it."""

    common: Common
    options: Any


@dataclass(frozen=True)
class Config:
    """The whole configuration, checked."""

    path: Path | None
    bot: BotOptions
    web: WebOptions
    analysis: AnalysisOptions
    timers: TimerOptions
    fetch: Limits
    model: assistant.Options
    people: tuple[Person, ...]
    rooms: tuple[RoomOptions, ...]
    briefs: tuple[BriefOptions, ...]
    channels: tuple[ChannelOptions, ...]
    watch: tuple[WatchOptions, ...]
    sources: tuple[SourceOptions, ...]
    platforms: Mapping[str, Any]
    connectors: Mapping[str, Any] = field(default_factory=dict)
    off: tuple[str, ...] = field(default=())

    @property
    def data_dir(self) -> Path:
        return Path(self.bot.data_dir)

    @property
    def local_room_open(self) -> bool:
        """True while nobody but this machine can reach the local room and no real group exists."""
        return all(room.platform == "local" for room in self.rooms) and is_loopback(self.web.host)


def is_loopback(host: str) -> bool:
    """True for an address that only this machine can reach."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def load(path: Path | None = None, *, environ: Mapping[str, str] | None = None) -> Config:
    """Reads a configuration file. Without ``path``: ``config.toml``, else ``config.example.toml``, else the shipped example."""
    path = path or _find()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: 读不了（{error}）") from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: 不是合法的 TOML（{error}）") from None
    return read(table, path=path, environ=os.environ if environ is None else environ)


def _find() -> Path:
    for name in ("config.toml", "config.example.toml"):
        if Path(name).exists():
            return Path(name)
    shipped = Path(__file__).with_name("config.example.toml")
    return shipped if shipped.exists() else Path(__file__).parent.with_name("config.example.toml")


def read(table: Mapping[str, Any], *, path: Path | None = None, environ: Mapping[str, str]) -> Config:
    """A parsed TOML table as a ``Config``; ``ConfigError`` names what is wrong."""
    off: list[str] = []
    table = _resolve(table, "", environ, path.parent if path else Path(), off)
    try:
        return _read(table, path, off)
    except ConfigError as error:
        where = str(error).partition(":")[0]
        unset = next((line for line in off if line.startswith(f"{where}: ")), "")
        raise ConfigError(unset.replace(OFF, "这一项必须有") if unset else str(error)) from None


def _read(table: Mapping[str, Any], path: Path | None, off: list[str]) -> Config:
    known = {
        "bot",
        "web",
        "analysis",
        "timers",
        "fetch",
        "model",
        "people",
        "rooms",
        "briefs",
        "channels",
        "watch",
        "sources",
        "platforms",
        "connectors",
    }
    for key in table:
        if key not in known:
            raise ConfigError(f"{key}: 没有这一节（可用：{'、'.join(sorted(known))}）")
    config = Config(
        path=path,
        bot=read_options(BotOptions, _table(table, "bot"), "bot"),
        web=read_options(WebOptions, _table(table, "web"), "web"),
        analysis=read_options(AnalysisOptions, _table(table, "analysis"), "analysis"),
        timers=_timers(read_options(TimerOptions, _table(table, "timers"), "timers")),
        fetch=read_options(Limits, _table(table, "fetch"), "fetch"),
        model=_model(read_options(assistant.Options, _table(table, "model"), "model"), off),
        people=tuple(_person(row, where) for row, where in _rows(table, "people")),
        rooms=tuple(read_options(RoomOptions, row, where) for row, where in _rows(table, "rooms")),
        briefs=tuple(read_options(BriefOptions, row, where) for row, where in _rows(table, "briefs")),
        channels=tuple(read_options(ChannelOptions, row, where) for row, where in _rows(table, "channels")),
        watch=tuple(read_options(WatchOptions, row, where) for row, where in _rows(table, "watch")),
        sources=tuple(_source(row, where) for row, where in _rows(table, "sources")),
        platforms={name: _part("platforms", name, part) for name, part in _table(table, "platforms").items()},
        connectors={name: _part("connectors", name, part) for name, part in _table(table, "connectors").items()},
        off=tuple(off),
    )
    _cross_check(config)
    return config


def _resolve(value: Any, where: str, environ: Mapping[str, str], base: Path, off: list[str]) -> Any:
    """Replaces ``env:NAME`` and ``file:PATH``; an unset variable leaves the key out, so that its default holds."""
    if isinstance(value, Mapping):
        pairs = {k: _resolve(v, f"{where}.{k}" if where else k, environ, base, off) for k, v in value.items()}
        return {k: v for k, v in pairs.items() if v is not None}
    if isinstance(value, list):
        items = [_resolve(v, f"{where}[{i}]", environ, base, off) for i, v in enumerate(value)]
        return [v for v in items if v is not None]
    if isinstance(value, str) and value.startswith("env:"):
        if value[4:] in environ:
            return FromOutside(environ[value[4:]])
        off.append(f"{where}: 环境变量 {value[4:]} 没有设置，{OFF}")
        return None
    if isinstance(value, str) and value.startswith("file:"):
        try:
            return FromOutside((base / value[5:]).read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError):
            raise ConfigError(f"{where}: 读不了文件 {value[5:]}") from None
    return value


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = table.get(key, {})
    if not isinstance(part, Mapping):
        raise ConfigError(f"{key}: 应为一节 [{key}]")
    return part


def _rows(table: Mapping[str, Any], key: str) -> list[tuple[Mapping[str, Any], str]]:
    rows = table.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ConfigError(f"{key}: 应为若干节 [[{key}]]")
    return [(row, f"{key}[{i}]") for i, row in enumerate(rows)]


def _person(row: Mapping[str, Any], where: str) -> Person:
    raw = read_options(PersonOptions, row, where)
    for role in raw.roles:
        if role not in {r.value for r in Role}:
            raise ConfigError(f"{where}.roles: 没有角色 {role!r}（可用：{'、'.join(Role)}）")
    ids = [("local", raw.name), ("wecom", raw.wecom), ("dingtalk", raw.dingtalk), ("webhook", raw.webhook)]
    roles = frozenset(Role(role) for role in raw.roles)
    return Person(raw.name, roles, tuple((k, v) for k, v in ids if v), raw.phone, raw.deputy)


def _source(row: Mapping[str, Any], where: str) -> SourceOptions:
    common_keys = set(Common.__dataclass_fields__)
    kind = row.get("kind")
    if not isinstance(kind, str):
        raise ConfigError(f"{where}.kind: 缺少这一项")
    module = plugin("sources", kind, f"{where}.kind")
    own = {k: v for k, v in row.items() if k not in common_keys}
    if extra := [k for k in own if k not in module.Options.__dataclass_fields__]:
        known = sorted({*common_keys, *module.Options.__dataclass_fields__})
        raise ConfigError(f"{where}.{extra[0]}: 没有这个设置（可用：{'、'.join(known)}）")
    common = read_options(Common, {k: v for k, v in row.items() if k in common_keys}, where)
    options = read_options(module.Options, own, where)
    for key in ("url", "base"):
        address = getattr(options, key, "")
        if address and not address.startswith(("http://", "https://", "/")):
            raise ConfigError(f"{where}.{key}: 网址要以 http:// 或 https:// 开头")
    return SourceOptions(common, options)


def _part(family: str, name: str, part: Any) -> Any:
    where = f"{family}.{name}"
    if not isinstance(part, Mapping):
        raise ConfigError(f"{where}: 应为一节 [{where}]")
    return read_options(plugin(family, name, where).Options, part, where)


def plugin(family: str, name: str, where: str) -> Any:
    """The module of a kind: the file of that name in ``bot/<family>``, else an installed entry point ``wanglou.<family>``."""
    if name.isidentifier() and find_spec(f"bot.{family}.{name}"):
        return import_module(f"bot.{family}.{name}")
    for entry in entry_points(group=f"wanglou.{family}", name=name):
        return entry.load()
    raise ConfigError(f"{where}: 没有 {name!r} 这一种")


def _timers(timers: TimerOptions) -> TimerOptions:
    for name, value in vars(timers).items():
        if not isinstance(value, tuple):
            continue
        if len(value) != 4:
            raise ConfigError(f"timers.{name}: 要写四个，依次为红、橙、黄、蓝")
        for length in filter(None, value):
            try:
                seconds_of(length)
            except ValueError:
                raise ConfigError(f'timers.{name}: {length!r} 不是时长（如 "15m"）') from None
    return timers


def _model(model: assistant.Options, off: list[str]) -> assistant.Options:
    """The language model's part; it is off where its key should come from a variable that is not set."""
    if not model.url or any(line.startswith("model.") for line in off):
        return replace(model, url="")
    target = urlsplit(model.url)
    if target.scheme not in ("http", "https") or not target.hostname:
        raise ConfigError('model.url: 应为 http 或 https 地址，如 "http://127.0.0.1:8000/v1"')
    if target.username or target.password:
        raise ConfigError("model.url: 地址里不要写密钥，请写在 model.key")
    if not model.name:
        raise ConfigError("model.name: 写了 url 就要写模型名")
    return model


def _cross_check(config: Config) -> None:
    try:
        ZoneInfo(config.bot.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f"bot.timezone: 没有时区 {config.bot.timezone!r}") from None
    if not 0 <= config.web.port < 65536:
        raise ConfigError(f"web.port: 端口应在 1–65535，现为 {config.web.port}")
    names = {person.name for person in config.people}
    for key, rows in (
        ("people", [p.name for p in config.people]),
        ("rooms", [r.name for r in config.rooms]),
        ("watch", [w.name for w in config.watch]),
        ("sources", [s.common.name for s in config.sources]),
        ("channels", [c.name for c in config.channels]),
    ):
        for i, name in enumerate(rows):
            if name in rows[:i]:
                raise ConfigError(f"{key}[{i}].name: {name!r} 重复了")
    named = [(f"briefs[{i}].to", name) for i, brief in enumerate(config.briefs) for name in brief.to]
    named += [(f"channels[{i}].operator", channel.operator) for i, channel in enumerate(config.channels)]
    named += [(f"people[{i}].deputy", person.deputy) for i, person in enumerate(config.people)]
    for where, name in named:
        if name and name not in names:
            raise ConfigError(f"{where}: people 里没有 {name!r}")
    _moment(config.timers.digest_at, "timers.digest_at")
    for i, brief in enumerate(config.briefs):
        for moment in brief.at:
            _moment(moment, f"briefs[{i}].at")
    for name, value in config.web.ingest.items():
        secrets = value if isinstance(value, list) else [value]
        if len(secrets) not in (1, 2) or not all(isinstance(secret, str) and secret for secret in secrets):
            raise ConfigError(f"web.ingest.{name}: 应为密钥，或轮换期的两个密钥 [新, 旧]")
    thresholds(config)
    for i, room in enumerate(config.rooms):
        ways = getattr(plugin("platforms", room.platform, f"rooms[{i}].platform"), "TRANSPORTS", room.transports)
        if unknown := [way for way in room.transports if way not in ways]:
            raise ConfigError(f"rooms[{i}].transports: {room.platform} 没有 {unknown[0]!r}（可用：{'、'.join(ways)}）")
    for i, rule in enumerate(config.watch):
        if not (rule.any or rule.all or rule.expr):
            why = "只有 none，什么都匹配不到" if rule.none else "没有要找的词"
            raise ConfigError(f"watch[{i}]: {rule.name!r} {why}。请写 any、all 或 expr")
    for i, channel in enumerate(config.channels):
        if channel.connector and channel.connector not in config.connectors:
            raise ConfigError(f"channels[{i}].connector: 没有 [connectors.{channel.connector}] 这一节")
        if channel.site and not channel.site.startswith(("http://", "https://")):
            raise ConfigError(f"channels[{i}].site: 网址要以 http:// 或 https:// 开头，现为 {channel.site!r}")
    for name, part in config.platforms.items():
        rooms = [room for room in config.rooms if room.platform == name]
        if getattr(part, "webhook", "") and len(rooms) > 1:
            raise ConfigError(f"platforms.{name}.webhook: 有{len(rooms)}个房间时不知归谁。请写到各自的 [[rooms]] webhook")


def _moment(text: str, where: str) -> None:
    """``ConfigError`` unless ``text`` is a time of day that the timers can read."""
    hour, colon, minute = text.partition(":")
    if not (colon and text.isascii() and hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
        raise ConfigError(f'{where}: 应为一天里的时刻，如 "08:30"，现为 {text!r}')


def thresholds(config: Config) -> Thresholds:
    """The thresholds of grading, as ``[analysis] thresholds`` changes them."""
    return read_options(Thresholds, dict(config.analysis.thresholds), "analysis.thresholds")


def secrets_of(config: Config) -> list[str]:
    """Every value that must never be shown."""
    found = [config.web.local_room_token, config.model.key, *(p.phone for p in config.people)]
    for value in config.web.ingest.values():
        found += [value] if isinstance(value, str) else list(value)
    for part in (*config.platforms.values(), *config.connectors.values()):
        values = {f.name: getattr(part, f.name) for f in fields(part)}
        found += [v for k, v in values.items() if isinstance(v, str) and _secret_name(k)]
    found += [value for room in config.rooms for value in (room.webhook, room.webhook_secret)]
    return [value for value in found if value]


def _secret_name(key: str) -> bool:
    return any(part in key for part in ("secret", "token", "aes_key", "webhook", "password"))


def furnish(config: Config) -> House:
    """The house that changes read."""
    bot, timers = config.bot, config.timers
    lengths = {name: value for name, value in vars(timers).items() if isinstance(value, tuple)}
    platforms = config.platforms
    return House(
        name=bot.name,
        company=bot.company,
        full_name=bot.full_name or next(iter(bot.company), bot.name),
        contact=bot.contact,
        contact_hours=bot.contact_hours,
        listed=bot.listed,
        hour_rate=bot.hour_rate,
        zone=ZoneInfo(bot.timezone),
        people=config.people,
        rooms=tuple(
            Room(
                name=room.name,
                platform=room.platform,
                chat=room.chat or (room.name if room.platform == "local" else ""),
                from_grade=Grade.of(room.from_grade),
                webhook=room.webhook or getattr(platforms.get(room.platform), "webhook", ""),
                webhook_secret=room.webhook_secret or getattr(platforms.get(room.platform), "webhook_secret", ""),
                ways=room.transports,
            )
            for room in config.rooms
        ),
        briefs=tuple(Brief(brief.to, brief.at, Grade.of(brief.from_grade), brief.docx) for brief in config.briefs),
        channels=tuple(Channel(c.name, c.label or c.name, c.operator, c.connector, c.site) for c in config.channels),
        limits={
            name: dict(zip(reversed(Grade), (seconds_of(v) if v else None for v in value), strict=True))
            for name, value in lengths.items()
        },
        confirm_s=timers.confirm,
        second_s=timers.second,
        digest_at=timers.digest_at,
        thresholds=thresholds(config),
        book=load_book(config.data_dir / "plan"),
        watch=tuple((rule.name, rule.kind) for rule in config.watch),
        plan=books.load(config.data_dir / "plan"),
        model=config.model.name if config.model.on else "",
    )
