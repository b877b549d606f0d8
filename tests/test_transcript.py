"""The model transcript of a good crisis, line by line, in order, the statement among them."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.fetch import Fetcher, Page
from bot.model.incident import State
from bot.released import Released
from bot.store import incidents, journal, statements, timers, work
from tests.conftest import START, Room
from tests.crowd import voices


@dataclass
class Transcript:
    """What was said, by whom and to whom, as people in the room and in private read it."""

    room: Room
    lines: list[str] = field(default_factory=list)

    async def at(self, clock: str, *, days: int = 0) -> None:
        """The clock moves on to a time of day in Beijing; what falls due on the way is said."""
        hour, minute = map(int, clock.split(":"))
        moment = START.replace(day=START.day + days, hour=hour - 8, minute=minute)
        await self.room.later(seconds=(moment - self.room.clock.now).total_seconds())
        self._note()

    async def say(self, by: str, text: str, *, private: bool = False) -> None:
        """Somebody types; the answer, and what others hear of it."""
        answer = await self.room.answer(text, by=by, room=f"@{by}" if private else None)
        self.lines += [f"(私·{by}) {p.text}" if private else p.text for p in answer.posts] or ["（无）"]
        self._note()

    async def press(self, by: str, text: str) -> None:
        """Somebody presses the newest button of that name that was put before them."""
        said, button = next(
            (s, b) for s in reversed(self.room.said) for b in (s.card.buttons if s.card else ()) if b.text == text
        )
        answer = await self.room.press(said, button.key, by=by)
        self.lines += [f"(私·{by}) {p.text}" for p in answer.posts]
        self._note()

    def _note(self) -> None:
        self.lines += [f"(私·{s.to[1:]}) {s.text}" if s.to.startswith("@") else s.text for s in self.room.ignore()]

    def reads(self, *parts: str) -> None:
        """These pieces stand in one message after the last one found, in order; the messages before it are used up."""
        for n, line in enumerate(self.lines):
            at = 0
            for part in parts:
                at = line.find(part, at)
                if at < 0:
                    break
            else:
                del self.lines[: n + 1]
                return
        raise AssertionError(f"nobody read {parts} in:\n" + "\n".join(self.lines))


async def heard_of(room: Room) -> Transcript:
    """Number 12 opens at 09:48."""

    def eleven(db: object) -> None:
        with journal.act(db, "open", at=START, by="望楼", incident=11) as it:  # type: ignore[arg-type]
            it.put(
                "incidents",
                11,
                title="旧事",
                state="closed",
                opened_at=START,
                round_at=START,
                resolution="resolved",
                reason="旧",
            )

    room.store.run_now(eleven)
    first = "我家宝宝喝了晨露奶粉（批次MA0423）之后全身起疹子，拍了照片"
    await room.hear_of({"text": first, "platform": "小红书", "tier": "C", "likes": 40})
    told = Transcript(room)
    told._note()
    return told


async def until_started(room: Room) -> Transcript:
    t = await heard_of(room)
    t.reads("🟡黄（建议） #12", "未成年人受害（未核实，按黄）", "请李雷 10:18 前认领", "认领 #12", "误报 #12")
    await t.at("09:50")
    await t.say("李雷", "认领")
    t.reads("#12 归李雷（2分）。T1 核实", "→ 林工 11:48。下一步：研判、转交")
    await t.at("10:03")
    await t.say("李雷", "「小刘：客服今早接到4个同批次来电，都是MA0423」 记")
    t.reads("F1 待核实（小刘）。已请林工核实")
    await t.at("10:21")
    await t.say("林工", "F1 核实了，来电录音在")
    t.reads("F1 已核实（林工，来源：来电录音）")
    await t.say("小刘", "大家先喝口水，我再去盯热线")
    t.reads("（无）")
    await t.at("10:47")
    await room.hear_of(*voices(150))
    t._note()
    t.reads("🟠橙（建议） #12", "升级", "3个平台", "请张敏 11:47 前确认级别", "定级 #12 橙", "为什么 #12")
    await t.at("10:51")
    await t.say("张敏", "定橙，先按机器研判，真伪未知")
    t.reads("#12 定橙（张敏）。首发或不发声决定、速报均 14:47 前。下一步：启动")
    t.reads("(私·陈总) 【领导简报】#12", "橙", "已阅")
    await t.say("张敏", "启动")
    t.reads("#12 已启动：", "封存留样 林工 12:00｜", "联系家属 小刘 11:30")
    return t


async def test_a_good_crisis_from_the_first_post_to_the_plan(room: Room) -> None:
    await until_started(room)
    incident = room.incident(12)
    assert (incident.state, incident.owner, incident.truth) == (State.ACTIVE, "李雷", "unknown")


async def test_a_good_crisis_the_regulator_calls(room: Room) -> None:
    t = await until_started(room)
    await t.at("11:17")
    await t.say("张敏", "市场监管局来电，问MA0423")
    t.reads("红线：监管来电（已在橙）。食安2小时拟从 11:17 起算", "非法律意见")
    await t.at("11:19")
    await t.say("何静", "起点改 10:21，来电那时已核实，林工可证")
    t.reads("食安2小时 12:21 到期（知悉 10:21，证人林工）。报告表已私发何静")
    await t.at("11:31")
    await t.say("林工", "核实了 就诊1例，情况稳定（来源：医院）")
    t.reads("F2 已核实（林工，来源：医院）")
    await t.at("12:09")
    await t.say("何静", "已报 食安 回执 2026-0415")
    t.reads("食安2小时：已报，提前12分，凭证已存")


async def test_a_good_crisis_from_the_leaders_decision_to_the_end(room: Room) -> None:
    t = await until_started(room)
    await t.say("林工", "核实了 就诊1例，情况稳定（来源：医院）")
    await t.say("何静", "已报 食安 回执 2026-0415")
    t.reads("食安2小时：已报")
    await t.at("13:30")
    await t.say("陈总", "今晚先行下架MA0423，不等检测", private=True)
    t.reads("J1 陈总：今晚先行下架MA0423", "（当时已知 F1 F2）")
    await t.at("13:31")
    await t.say("张敏", "任务 下架MA0423 @林工 18:00 阻断")
    task = max(i.id for i in work.tasks(room.db, incident=12))
    t.reads(f"T{task} 下架MA0423 林工 18:00，阻断。等林工接")
    await t.say("小刘", "找人把那几个帖子删了吧，花点钱也行")
    t.reads("不能做：付费删帖违法。可走平台投诉")

    await t.say("林工", f"接 T{task}", private=True)
    await t.at("16:00")
    await t.say("陈总", "决策 #12 不发声，等检测结果一次说清")
    t.reads("J2 陈总：不发声")
    await t.say("林工", f"T{task} 完成")
    t.reads(f"T{task} 完成：下架MA0423")
    await t.at("16:12", days=1)
    await t.say("李雷", "跟踪")
    t.reads("#12 跟踪中：热度", f"T{task} 完成。静默48小时", "新A级信源即叫醒")

    await t.at("16:20", days=3)
    await t.say("李雷", "结案 #12 检测合格已公布，家属认可")
    t.reads("#12", "要指挥确认，已私信陈总")
    t.reads("(私·陈总) 李雷提请：结案 #12", "静默48时，热度", "确认 李雷｜确认 退回 李雷")
    await t.say("李雷", "确认")
    t.reads("这一步要指挥确认，不能由提请的人自己确认")
    await t.press("陈总", "确认")
    t.reads("#12 已结案（陈总）。记录校验", "…｜复盘 3日内，李雷")
    assert not timers.clocks_of(room.db, 12)
    assert not incidents.get(room.db, 12).open


class Sites(Fetcher):
    """The pages of our channels: each shows what was handed over."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.room = room

    async def get(self, url: str, **_: object) -> Page:
        text = statements.get(self.room.db, 1 if "d1" in url or "notice" in url else 2).text
        return Page(200, url, {"content-type": "text/plain; charset=utf-8"}, f"首页\n{text}\n版权所有".encode())


async def test_a_good_crisis_the_statement_line_by_line(room: Room) -> None:
    t = await until_started(room)
    pages = Released(room.store, room.house, Sites(room), room.clock)

    async def read_pages() -> None:
        await pages.look()
        await room._collect()
        t._note()

    seal = next(i for i in work.tasks(room.db, incident=12) if i.text.startswith("封存留样"))
    await t.say("林工", f"T{seal.id} 完成 https://erp.example/1")
    await t.at("11:26")
    await t.say("张敏", "起草首发 #12")
    t.reads("D1 v1 首发：缺E14（下次通报时间）", "下一步：改、送审")
    await t.say("张敏", "改 D1 把「目前我们」改成「已知1例就诊。目前我们」")
    t.reads("D1 v2", "「1例」未绑定事实")
    await t.at("11:31")
    await t.say("林工", "核实了 就诊1例，情况稳定（来源：医院）")
    t.reads("F2 已核实（林工，来源：医院）。D1 可引用")
    await t.at("11:33")
    await t.say("张敏", "改 D1 下次通报今天16:00，官网。送审")
    it = statements.get(room.db, 1)
    t.reads(f"1✓{it.name} 检查通过", "2✓", "送审：公关… 法务… 业务… 指挥…")
    await t.at("11:38")
    await t.say("何静", "同意，但「有关部门」要写明市场监管局", private=True)
    t.reads("(私·何静) 有条件，未计签字；已请张敏改，改好送您")
    t.reads("(私·张敏) 何静对", "有条件")
    await t.at("11:45")
    await t.say("张敏", "改 D1 把「原因还在查」改成「原因正由我们查」")
    it = statements.get(room.db, 1)
    t.reads(it.name, "送审：公关… 法务… 业务… 指挥…")
    for name in ("王磊", "何静", "林工"):
        await t.say(name, "同意 D1", private=True)
    await t.at("11:52")
    await t.say("陈总", "同意 D1", private=True)
    t.reads(f"{it.name}：公关✓王磊 法务✓何静 业务✓林工 指挥✓陈总。下一步：发布")
    await t.at("11:53")
    await t.say("王磊", "发布 D1 微博+官网")
    t.reads(f"将交付 {it.name} 给 微博（苏琴）、官网（周宁）；注意：", "员工信还没有", "2分钟内回：确认 " + it.code)
    await t.say("王磊", f"确认 {it.code}")
    t.reads(f"{it.name} 已交付：微博（苏琴）、官网（周宁）")
    t.reads("(私·苏琴) 请发", it.text)
    t.reads("(私·周宁) 请发", it.text)
    await t.at("11:56")
    await t.say("苏琴", "已发 D1 https://weibo.example/d1")
    t.reads("D1 微博 已发（苏琴）", "还等 官网")
    await read_pages()
    t.reads(f"D1 微博 与签批文本一致 v{it.version}·{it.code}，Z-")
    await t.at("11:57")
    await t.say("周宁", "已发 D1 https://www.example/notice")
    t.reads("D1 官网 已发（周宁）")
    await t.at("11:58")
    await read_pages()
    t.reads("D1 微博、官网已发，与签批文本一致，Z-", " Z-", "。首发用时2时8分；16:00 再通报已计时")

    await t.at("15:40")
    await t.say("王磊", "起草进展 #12")
    t.reads("D2 v1 进展通报：")
    await t.say(
        "王磊", "改 D2 新增的情况是留样已封存，下一步是公布留样检测安排，下一步期限是今天20:00，下次通报时间是今天20:00"
    )
    t.reads("D2 v2")
    await t.say("王磊", "送审 D2")
    it = statements.get(room.db, 2)
    t.reads(f"{it.name} 送审：公关… 法务… 业务… 指挥…")
    await t.say("王磊", "转代理 D2 @苏琴")
    for name in ("苏琴", "何静", "林工", "陈总"):
        await t.say(name, "同意 D2", private=True)
    await t.say("王磊", "发布 D2 官网")
    await t.say("王磊", f"确认 {it.code}")
    await t.at("15:58")
    await t.say("周宁", "已发 D2 https://www.example/2")
    t.reads("D2 进展第1号 官网 已发（周宁）", "（承诺 16:00）")
