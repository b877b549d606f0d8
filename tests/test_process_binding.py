"""A group that is gone, with the real process: a new code is told to who may use it, and the room moves with what waits for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fakes.dingtalk import GROUP, OTHER_GROUP, FakeDingTalk
from fakes.wecom import FakeWeCom

from tests.process import TOKEN
from tests.process_vendors import ROOM, alerts, dingtalk, grave_news, rows, running, until, wecom

pytestmark = pytest.mark.process
CODE = re.compile(r"绑定 ([0-9A-F]{8})")


def admin(path: Path) -> Path:
    path.write_text(path.read_text("utf-8").replace('roles = ["', 'roles = ["admin", "', 1), "utf-8")
    return path


async def test_wecom_a_room_whose_group_is_gone_is_bound_anew_and_loses_nothing(tmp_path: Path) -> None:
    async with FakeWeCom() as fake, running(admin(wecom(fake, tmp_path, webhook=False))) as client:
        await fake.say("我是谁", chat="")
        await fake.until(lambda: fake.sent)
        await grave_news(client)
        await fake.until(lambda: any(CODE.search(s.words) for s in fake.sent))
        (told,) = [s for s in fake.sent if CODE.search(s.words)]
        assert told.body["chatid"] == "zhangmin"
        assert "「危机室」的群发不进去了" in told.words
        found = CODE.search(told.words)
        assert found
        assert any(found[1] in line for line in client.bot.lines)
        assert alerts(fake) == []
        assert rows(tmp_path, "SELECT count(*) FROM outbox WHERE kind = 'alert' AND state = 'failed'") == [(0,)]

        await fake.say(f"@望楼 绑定 {found[1]}", chat="wrNew9")
        await fake.until(lambda: alerts(fake))
        (alert,) = [s for s in fake.sent if "每小时" in s.words]
        assert alert.body["chatid"] == "wrNew9"
        await until(lambda: not rows(tmp_path, "SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')"))
        assert len([s for s in fake.sent if CODE.search(s.words)]) == 1


async def test_wecom_a_bot_put_back_into_its_group_is_believed_at_once(tmp_path: Path) -> None:
    async with FakeWeCom() as fake, running(admin(wecom(fake, tmp_path, webhook=False))) as client:
        await fake.say("我是谁", chat="")
        await grave_news(client)
        await fake.until(lambda: any(CODE.search(s.words) for s in fake.sent))
        found = CODE.search(next(s.words for s in fake.sent if CODE.search(s.words)))
        assert found
        await fake.say(f"@望楼 绑定 {found[1]}", chat=ROOM)
        await fake.until(lambda: alerts(fake))


async def test_dingtalk_a_room_whose_group_is_gone_is_bound_anew(tmp_path: Path) -> None:
    async with FakeDingTalk() as fake, running(admin(dingtalk(fake, tmp_path))) as client:
        await fake.connected()
        fake.groups.discard(GROUP)
        await grave_news(client)
        await fake.until(lambda: any(CODE.search(s.text) for s in fake.said))
        (told,) = [s for s in fake.said if CODE.search(s.text)]
        assert told.to == "@user01"
        found = CODE.search(told.text)
        assert found
        refused = fake.count("/v1.0/robot/groupMessages/send")
        await fake.say(f"绑定 {found[1]}", chat=OTHER_GROUP)
        await fake.until(lambda: any("每小时" in s.text and s.to == OTHER_GROUP for s in fake.said))
        assert refused <= 2


async def test_a_code_at_start_is_printed_and_shown_to_administrators_in_the_local_room(tmp_path: Path) -> None:
    async with FakeDingTalk() as fake:
        path = admin(dingtalk(fake, tmp_path))
        path.write_text(
            path.read_text("utf-8")
            .replace(f'chat = "{GROUP}"\n', "")
            .replace("port = 0", f'port = 0\nlocal_room_token = "{TOKEN}"'),
            "utf-8",
        )
        for _ in range(2):
            async with running(path) as client:
                printed = [found[1] for line in client.bot.lines if (found := CODE.search(line))]
                shown = [m["text"] for m in await client.messages("@张敏") if CODE.search(m["text"])]
        assert len(set(printed)) == 1
        assert shown == [f"「危机室」还没有绑定。在它的群里 @望楼 回：绑定 {printed[0]}"]
