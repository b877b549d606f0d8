"""``wanglou check --online`` as an operator runs it, against vendors at which one thing is wrong: one line says what, and where in
the vendor's console it is mended; nothing is said in any chat."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.dingtalk import CLIENT_ID, CLIENT_SECRET, GROUP, HOOK_SECRET, TEMPLATE, FakeDingTalk
from fakes.wecom import FakeWeCom

from bot.cli import main

DING = Path(__file__).parent.parent / "docs/dingtalk.md"
WECOM = Path(__file__).parent.parent / "docs/wecom.md"


async def check(folder: Path, platform: str, room: str, options: str, people: str) -> tuple[int, list[str]]:
    path = folder / "config.toml"
    path.write_text(
        f'[bot]\ncompany = ["晨露乳业"]\ndata_dir = "{folder / "data"}"\n{people}\n[[rooms]]\nname = "危机室"\nplatform = "{platform}"\n'
        f"{room}\n[platforms.{platform}]\n{options}\n",
        encoding="utf-8",
    )
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = await asyncio.to_thread(main, ["check", "--online", "-c", str(path)])
    lines = [line for line in printed.getvalue().splitlines() if f"平台 {platform}" in line]
    assert lines, printed.getvalue()
    return status, lines


def people(platform: str, *ids: str) -> str:
    roles = ['"duty", "admin"', '"commander"', '"monitor"']
    return "\n".join(f'[[people]]\nname = "人{n}"\nroles = [{roles[n]}]\n{platform} = "{id}"' for n, id in enumerate(ids))


def same(options: str) -> str:
    return options


WECOM_FAULTS: dict[str, tuple[Callable[[FakeWeCom], None], Callable[[str], str], tuple[str, ...]]] = {
    "nothing": (lambda fake: None, same, ()),
    "wrong robot secret": (lambda fake: setattr(fake, "secret", "other"), same, ("853000", "重新获取 Secret")),
    "wrong bot id": (lambda fake: setattr(fake, "bot_id", "other"), same, ("93019", "复制 Bot ID")),
    "wrong app secret": (lambda fake: setattr(fake, "corp_secret", "other"), same, ("40001", "corp_secret")),
    "wrong corp id": (lambda fake: setattr(fake, "corp_id", "other"), same, ("40013", "我的企业")),
    "wrong agent id": (lambda fake: setattr(fake, "agent_id", 7), same, ("301002", "同一个应用的详情页")),
    "address not trusted": (lambda fake: setattr(fake, "trusted", False), same, ("60020", "企业可信IP")),
    "no right to send": (lambda fake: fake.trouble("send", "code", 48002), same, ("48002", "检查权限")),
    "robot gone": (lambda fake: setattr(fake, "webhook_key", "other"), same, ("93000", "webhook")),
    "person not visible": (lambda fake: fake.visible.pop("lilei") and None, same, ("60111", "人1")),
}


@pytest.mark.parametrize("fault", list(WECOM_FAULTS))
async def test_wecom(fault: str, tmp_path: Path) -> None:
    spoil, change, says = WECOM_FAULTS[fault]
    async with FakeWeCom() as fake:
        options = (
            f'bot_id = "{fake.bot_id}"\nsecret = "{fake.secret}"\nws_url = "{fake.ws_url}"\napi_base = "{fake.base}"\n'
            f'corp_id = "{fake.corp_id}"\nagent_id = {fake.agent_id}\ncorp_secret = "{fake.corp_secret}"'
        )
        secrets, room = (fake.secret, fake.corp_secret, fake.webhook_key), f'webhook = "{fake.webhook_url}"'
        spoil(fake)
        status, lines = await check(tmp_path, "wecom", room, change(options), people("wecom", "zhangmin", "lilei"))
        bad = [line for line in lines if line.startswith("问题")]
        assert status == (1 if says else 0), lines
        assert len(bad) == (1 if says else 0), lines
        for part in says:
            assert part in bad[0]
        if says:
            assert f"| {says[0]} |" in WECOM.read_text("utf-8")
        assert not [line for line in lines for secret in secrets if secret in line]
        assert fake.sent == []


def deny(scope: str) -> Callable[[FakeDingTalk], None]:
    return lambda fake: fake.denied_scopes.add(scope)


def refuse(path: str, code: str, status: int = 403) -> Callable[[FakeDingTalk], None]:
    return lambda fake: fake.fault(path, (status, {"code": code, "message": "no", "requestid": "r"}))


QUERY, CARD, GATEWAY = "/v1.0/robot/groupMessages/query", "/v1.0/card/instances", "/v1.0/gateway/connections/open"
DING_FAULTS: dict[str, tuple[Callable[[FakeDingTalk], None], Callable[[str], str], tuple[str, ...]]] = {
    "nothing": (lambda fake: None, same, ()),
    "wrong secret": (
        lambda fake: None,
        lambda o: o.replace(CLIENT_SECRET, "other-secret"),
        ("invalidClientIdOrSecret", "凭证与基础信息"),
    ),
    "no right to send": (deny("qyapi_robot_sendmsg"), same, ("qyapi_robot_sendmsg", "重新发布版本")),
    "no right to names": (deny("qyapi_get_member"), same, ("60011", "权限管理")),
    "no right to cards": (deny("Card.Instance.Write"), same, ("Card.Instance.Write", "重新发布版本")),
    "address not allowed": (lambda fake: setattr(fake, "trusted", False), same, ("IpNotInWhiteList", "服务器出口 IP")),
    "wrong robot code": (lambda fake: None, lambda o: o + '\nrobot_code = "other"', ("robotCode", "RobotCode")),
    "no such template": (lambda fake: None, lambda o: o.replace(TEMPLATE, "none.schema"), ("templateNotExist", "卡片平台")),
    "template not published": (refuse(CARD, "param.templateUnpublished", 400), same, ("templateUnpublished", "发布")),
    "receives by http": (refuse(GATEWAY, "forbidden"), same, ("Stream 模式", "消息接收模式选 Stream")),
    "month used up": (refuse(QUERY, "Forbidden.AccessDenied.ApiCountLimitForOrg"), same, ("ApiCountLimitForOrg", "资源管理")),
}


@pytest.mark.parametrize("fault", list(DING_FAULTS))
async def test_dingtalk(fault: str, tmp_path: Path) -> None:
    spoil, change, says = DING_FAULTS[fault]
    async with FakeDingTalk() as fake:
        options = (
            f'client_id = "{CLIENT_ID}"\nclient_secret = "{CLIENT_SECRET}"\napi_base = "{fake.base}"\noapi_base = "{fake.base}"\n'
            f'card_template = "{TEMPLATE}"'
        )
        room = f'chat = "{GROUP}"\nwebhook = "{fake.hook_url}"\nwebhook_secret = "{HOOK_SECRET}"'
        spoil(fake)
        status, lines = await check(tmp_path, "dingtalk", room, change(options), people("dingtalk", "user01", "ceo01"))
        bad = [line for line in lines if line.startswith("问题")]
        assert status == (1 if says else 0), lines
        assert bool(bad) == bool(says), lines
        for part in says:
            assert part in "\n".join(bad)
        assert not [line for line in lines for secret in (CLIENT_SECRET, HOOK_SECRET, "fake-hook-token") if secret in line]
        assert fake.said == []
