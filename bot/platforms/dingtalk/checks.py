"""``wanglou check --online``: each credential and permission tried, without a word in any chat."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from bot.errors import DeliveryError
from bot.model.card import Card
from bot.model.message import CheckLine
from bot.platforms.dingtalk.cards import variables
from bot.platforms.dingtalk.openapi import OpenApi
from bot.platforms.dingtalk.quota import Quota
from bot.platforms.dingtalk.refusal import RefusedError
from bot.platforms.dingtalk.stream import Stream
from bot.platforms.dingtalk.webhook import probe

if TYPE_CHECKING:
    from bot.platforms.dingtalk import Options

NOBODY = "wanglou-check"
PEOPLE = 50
RIGHTS = "开放平台 → 应用 → 权限管理，申请后重新发布版本"
OPEN = "开放平台 → 应用 → 凭证与基础信息"


@dataclass(frozen=True, slots=True)
class Hook:
    """A room's own group robot."""

    room: str
    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What is looked at besides the app: ``people`` maps user ids to names; ``hooks`` are the rooms' robots; ``millis`` is now."""

    people: Mapping[str, str]
    hooks: Sequence[Hook]
    session: aiohttp.ClientSession
    millis: int


async def check(options: Options, api: OpenApi, stream: Stream, nonce: str, quota: Quota, rest: Checked) -> list[CheckLine]:
    """One line for each part. Three metered calls, and a push for each group robot; the probes name nobody and no group, so that
    nothing is delivered."""
    hooks = [await _hook(options, hook, quota, rest) for hook in rest.hooks]
    if not options.client_id or not options.client_secret:
        hint = "填 client_id、client_secret，见 docs/dingtalk.md"
        return [CheckLine(bool(hooks), "没有应用：只能经群机器人单向发送", "" if hooks else hint), *hooks]
    try:
        await api.token(fresh=True)
    except DeliveryError as error:
        return [CheckLine(False, f"凭证：{error}", OPEN), *hooks]
    lines = [CheckLine(True, "凭证有效")]
    lines.append(await _hearing(options, stream))
    query = {"robotCode": api.robot_code, "openConversationId": NOBODY, "processQueryKey": NOBODY}
    probe = api.request("POST", "/v1.0/robot/groupMessages/query", query, what="发消息权限", visible=False)
    lines.append(await _probe(probe, "发消息权限（qyapi_robot_sendmsg）", f"{RIGHTS}：企业内机器人发送消息权限"))
    lines.append(await _probe(api.person(NOBODY), "通讯录权限（qyapi_get_member）", f"{RIGHTS}：成员信息读权限"))
    if lines[-1].ok:
        lines += await _people(api, rest.people)
    if options.card_template:
        lines.append(await _template(options, api, nonce))
    else:
        lines.append(CheckLine(True, "没有卡片模板：预警用 markdown 和文字口令，没有按钮"))
    if options.ding != "off":
        lines.append(CheckLine(True, f"DING 已打开（{options.ding}）：第一次红色预警时才知道额度够不够"))
    return [*lines, *hooks, CheckLine(not quota.thrifty("api") and not quota.thrifty("push"), quota.line())]


async def _people(api: OpenApi, people: Mapping[str, str]) -> list[CheckLine]:
    """Who is written down with a number that the organisation does not know (contacts calls are free)."""
    wrong = []
    for user, name in list(people.items())[:PEOPLE]:
        try:
            await api.person(user)
        except RefusedError as error:
            if error.code == "33012":
                wrong.append(
                    CheckLine(False, f"人员 {name}：组织里没有 UserID {user[:40]}", "管理后台 → 通讯录 → 成员 → 员工 UserID")
                )
        except DeliveryError:
            break
    return wrong


async def _hearing(options: Options, stream: Stream) -> CheckLine:
    if options.receive == "http":
        good = options.callback_url.startswith("https://")
        return CheckLine(good, "HTTP 模式", "" if good else "callback_url 要填 /callback/dingtalk 的公网 https 地址")
    try:
        await stream.open()
    except DeliveryError as error:
        return CheckLine(False, f"Stream 模式：{error}", "开放平台 → 应用 → 机器人 → 消息接收模式选 Stream 模式，再发布版本")
    return CheckLine(True, "Stream 模式可以连接")


async def _template(options: Options, api: OpenApi, nonce: str) -> CheckLine:
    """Creates a card from the template and delivers it nowhere."""
    values, _ = variables(Card("brief", "望楼检查"))
    body = {
        "cardTemplateId": options.card_template,
        "outTrackId": f"{nonce}-check",
        "userIdType": 1,
        "cardData": {"cardParamMap": values},
    }
    probe = api.request("POST", "/v1.0/card/instances", body, what="卡片模板", visible=False)
    where = "卡片平台 open-dev.dingtalk.com/fe/card → 模板 → 发布；权限 Card.Instance.Write"
    return await _probe(probe, "卡片模板已发布", where, strict=True)


async def _probe(work: Awaitable[object], what: str, mend: str, strict: bool = False) -> CheckLine:
    """A probe that finds nothing has proved the permission; only a refusal of the permission itself is a fault."""
    try:
        await work
    except RefusedError as error:
        if "cardalreadyexist" in error.code:
            return CheckLine(True, what)
        denied = any(mark in error.code for mark in ("permissiondenied", "whitelist", "robotcode", "apicountlimit"))
        denied = denied or error.code in ("60011", "60020")
        if strict or denied:
            return CheckLine(False, str(error), mend)
    except DeliveryError as error:
        return CheckLine(False, str(error), mend)
    return CheckLine(True, what)


async def _hook(options: Options, hook: Hook, quota: Quota, rest: Checked) -> CheckLine:
    what = f"群机器人（{hook.room}）"
    if not hook.url.startswith(f"{options.oapi_base.rstrip('/')}/robot/send?access_token="):
        return CheckLine(False, f"{what}地址不对", "群设置 → 机器人 → 复制完整的 Webhook 地址")
    if not hook.secret.startswith("SEC"):
        return CheckLine(False, f"{what}没有加签密钥", "群设置 → 机器人 → 安全设置 → 加签，复制 SEC 开头的密钥")
    await quota.spend("push")
    try:
        await probe(rest.session, hook.url, hook.secret, millis=rest.millis, patience=options.timeout)
    except DeliveryError as error:
        return CheckLine(False, what, str(error))
    return CheckLine(True, f"{what}可用")
