"""The local room as a platform: what is said reaches the house, what the house says stands in the room."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis.strategies import characters, text
from local_world import HOUSE, FakeEar, answering, opened

from bot.errors import DeliveryError
from bot.model.card import Button, Card, Chart, File, Link, Option, Post, Series
from bot.model.grade import Grade
from bot.model.message import Answer, Message, Parcel, Press, Target
from bot.platforms.local.drawing import clean

CLAIM = Button("claim:12", "认领", "认领 #12", "primary")
MUTE = Button("mute:12", "静音", "静音 #12 {choice}", options=(Option("10", "10分"), Option("30", "30分")))
ALERT = Card(
    "alert",
    "🟡 黄（建议）#12 酸奶结块",
    ("2个平台，每小时22条",),
    ("请李雷 10:18 前认领",),
    "#12",
    12,
    Grade.YELLOW,
    False,
    (CLAIM, MUTE),
    (Link("首帖", "https://post.example/1"), Link("坏链接", "javascript:alert(1)")),
)


async def call(url: str, method: str = "GET", **options) -> tuple[int, dict]:
    async with ClientSession() as session, session.request(method, url, **options) as response:
        return response.status, await response.json()


async def say(world, text: str, sender: str = "李雷", room: str = "危机室", **more) -> tuple[int, dict]:
    return await call(f"{world.url}/api/messages", "POST", json={"room": room, "sender": sender, "text": text, **more})


async def messages(world, room: str = "危机室", **query) -> list[dict]:
    status, answer = await call(f"{world.url}/api/messages", params={"room": room, **query})
    assert status == 200, answer
    return answer["messages"]


async def press(world, message: int, key: str, sender: str = "李雷", **more) -> tuple[int, dict]:
    return await call(f"{world.url}/api/press", "POST", json={"message": message, "sender": sender, "key": key, **more})


async def test_what_is_said_is_heard_and_answered(tmp_path):
    async with opened(tmp_path, FakeEar(answering("#12 归你"))) as world:
        status, answer = await say(world, "认领 12")

        assert status == 200
        heard = world.ear.taken[0]
        assert heard.id == f"local:{answer['id']}"
        assert (heard.platform, heard.room, heard.sender, heard.text) == ("local", "危机室", "李雷", "认领 12")
        assert [reply["text"] for reply in answer["replies"]] == ["#12 归你"]
        assert answer["replies"][0]["sender"] == "望楼"
        assert [message["text"] for message in await messages(world)] == ["认领 12", "#12 归你"]


async def test_chatter_gets_no_reply(tmp_path):
    async with opened(tmp_path) as world:
        assert (await say(world, "大家先喝口水"))[1]["replies"] == []


async def test_a_private_chat_is_heard_without_room_and_seen_by_nobody_else(tmp_path):
    async with opened(tmp_path, FakeEar(answering("好"))) as world:
        await say(world, "列表", "陈总", "@陈总")

        heard = world.ear.taken[0]
        assert heard.room == ""
        assert heard.addressed
        assert await messages(world) == []
        assert [message["room"] for message in await messages(world, "@陈总")] == ["@陈总", "@陈总"]


async def test_nobody_speaks_or_presses_in_somebody_elses_private_chat(tmp_path):
    async with opened(tmp_path) as world:
        await world.push(Post.of(ALERT), room="陈总", private=True)

        assert (await say(world, "同意", "李雷", "@陈总"))[0] == 403
        assert (await press(world, 1, "claim:12"))[0] == 403
        assert world.ear.taken == []


async def test_nobody_speaks_in_the_name_of_the_house(tmp_path):
    async with opened(tmp_path) as world:
        assert (await say(world, "预警", "望楼"))[0] == 403
        assert await messages(world) == []


@pytest.mark.parametrize(("text", "addressed"), [("喝口水", False), ("@望楼 列表", True), ("＠望楼 列表", True)])
async def test_the_house_is_addressed_by_name(tmp_path, text, addressed):
    async with opened(tmp_path) as world:
        await say(world, text)
        assert world.ear.taken[0].addressed is addressed


async def test_a_quote_is_handed_on_with_its_words_and_who_said_them(tmp_path):
    async with opened(tmp_path, FakeEar(answering("F1 待核实"))) as world:
        first = (await say(world, "客服接到4个来电", "张敏"))[1]
        await say(world, "记", reply_to=first["id"])
        await say(world, "认领", reply_to=first["replies"][0]["id"])

        of_a_person, of_the_house = world.ear.taken[1:]
        assert (of_a_person.quote.text, of_a_person.quote.sender) == ("客服接到4个来电", "张敏")
        assert not of_a_person.addressed
        assert of_the_house.addressed
        assert (await messages(world))[2]["reply_to"] == first["id"]


async def test_a_message_of_another_room_cannot_be_quoted(tmp_path):
    async with opened(tmp_path) as world:
        elsewhere = (await say(world, "只在值班群", room="值班群"))[1]["id"]

        status, answer = await say(world, "记", reply_to=elsewhere)

        assert status == 404
        assert str(elsewhere) in answer["error"]


async def test_a_card_is_shown_as_the_contract_names_it(tmp_path):
    async with opened(tmp_path) as world:
        assert await world.push(Post.of(ALERT, "李雷")) == "local:1"

        [message] = await messages(world)
        card = message["card"]
        assert (card["title"], card["grade"], card["confirmed"], card["incident"]) == (ALERT.title, "yellow", False, 12)
        assert card["buttons"][0] == {"key": "claim:12", "text": "认领", "verb": "认领 #12", "style": "primary", "options": []}
        assert card["buttons"][1]["options"] == [{"id": "10", "text": "10分"}, {"id": "30", "text": "30分"}]
        assert card["links"] == [{"text": "首帖", "url": "https://post.example/1"}]
        assert message["mentions"] == ["李雷"]
        assert message["at"] == "2026-04-15T04:00:01.000000Z"


async def test_a_parcel_sent_twice_stands_there_once(tmp_path):
    async with opened(tmp_path) as world:
        first = await world.push(Post("预警"), parcel=7)
        assert await world.push(Post("预警"), parcel=7) == first
        assert len(await messages(world)) == 1


async def test_a_parcel_for_a_room_that_is_not_here_fails_for_good(tmp_path):
    async with opened(tmp_path) as world:
        with pytest.raises(DeliveryError) as caught:
            await world.push(Post("预警"), room="别处")
        assert caught.value.outcome == "permanent"
        assert world.platform.ways(Target("local", "x", "别处")) == ()
        assert world.platform.ways(Target("local", "李雷", "李雷", private=True)) == ("page",)


async def test_a_press_names_the_parcel_and_repaints_the_card(tmp_path):
    claimed = Post.of(replace(ALERT, must=("李雷 10:02 认领（2分）",), buttons=(Button("assess:12", "研判", "研判 #12"),)))
    async with opened(tmp_path, FakeEar(lambda heard: Answer((Post("#12 归你"),), claimed))) as world:
        await world.push(Post.of(ALERT), parcel=41)
        status, answer = await press(world, 1, "claim:12")

        assert status == 200
        heard = world.ear.taken[0]
        assert isinstance(heard, Press)
        assert (heard.parcel, heard.key, heard.sender, heard.room) == (41, "claim:12", "李雷", "危机室")
        assert heard.verb == "认领 #12"
        assert answer["message"]["card"]["must"] == ["李雷 10:02 认领（2分）"]
        assert [reply["text"] for reply in answer["replies"]] == ["#12 归你"]
        assert [message["text"] for message in await messages(world)] == [claimed.text, "#12 归你"]


async def test_a_press_on_a_button_that_is_gone_is_answered_with_what_is_true_now(tmp_path):
    claimed = Post.of(replace(ALERT, buttons=()))
    async with opened(tmp_path, FakeEar(lambda heard: Answer((Post("李雷先认领了"),), claimed))) as world:
        await world.push(Post.of(ALERT))
        await press(world, 1, "claim:12")
        status, answer = await press(world, 1, "claim:12", "张敏")

        assert status == 200
        assert answer["replies"][0]["text"] == "李雷先认领了"
        assert world.ear.taken[1].verb == "认领 #12"


async def test_two_presses_are_two_things_heard(tmp_path):
    async with opened(tmp_path) as world:
        await world.push(Post.of(ALERT))
        await press(world, 1, "claim:12")
        await press(world, 1, "claim:12")
        assert len({heard.id for heard in world.ear.taken}) == 2


async def test_a_selection_needs_one_of_its_choices(tmp_path):
    async with opened(tmp_path) as world:
        await world.push(Post.of(ALERT))
        assert (await press(world, 1, "mute:12"))[0] == 400
        assert (await press(world, 1, "mute:12", choice="99"))[0] == 400
        assert (await press(world, 1, "mute:12", choice="30"))[0] == 200
        assert [(heard.choice, heard.verb) for heard in world.ear.taken] == [("30", "静音 #12 30")]


async def test_what_never_was_a_button_cannot_be_pressed(tmp_path):
    async with opened(tmp_path) as world:
        await world.push(Post.of(ALERT))
        await say(world, "没有卡片")
        assert (await press(world, 1, "close:12"))[0] == 404
        assert (await press(world, 2, "claim:12"))[0] == 404
        assert (await press(world, 99, "claim:12"))[0] == 404
        assert len(world.ear.taken) == 1


async def test_what_a_crash_left_without_answer_is_answered_at_the_next_start(tmp_path):
    async with opened(tmp_path) as world:
        await world.platform.shelf.hear("危机室", "李雷", "认领 12", None, world.platform._now())
        await world.push(Post.of(ALERT), parcel=5)
        await world.platform.shelf.press(2, "张敏", "claim:12", "", world.platform._now())
        await say(world, "这句有回音")

    async with opened(tmp_path, FakeEar(answering("补上的答复"))) as world:
        said, pressed = world.ear.answered
        assert isinstance(said, Message)
        assert (said.id, said.text) == ("local:1", "认领 12")
        assert isinstance(pressed, Press)
        assert (pressed.id, pressed.parcel, pressed.sender) == ("local:3", 5, "张敏")
        assert [message["text"] for message in await messages(world)][-2:] == ["补上的答复", "补上的答复"]

    async with opened(tmp_path) as world:
        assert world.ear.taken == []


async def test_what_could_not_be_stored_is_not_acknowledged_and_not_kept(tmp_path):
    async with opened(tmp_path, FakeEar(refuses=True)) as world:
        status, answer = await say(world, "认领 12")

        assert status == 503
        assert "再发" in answer["error"]
        assert await messages(world) == []


async def test_before_the_house_listens_nothing_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.platforms.local.READY", 0.01)
    async with opened(tmp_path) as world:
        world.platform._heard.clear()
        status, answer = await say(world, "认领 12")

        assert (status, "启动" in answer["error"]) == (503, True)
        assert await messages(world) == []


async def test_who_comes_while_the_house_starts_waits_and_is_answered(tmp_path):
    async with opened(tmp_path) as world:
        world.platform._heard.clear()
        asking = asyncio.create_task(say(world, "列表"))
        await asyncio.sleep(0)
        assert not asking.done()
        world.platform._heard.set()
        status, _ = await asking

        assert status == 200
        assert [m["text"] for m in await messages(world)] == ["列表"]


async def test_an_answer_that_breaks_leaves_the_room_open(tmp_path, caplog):
    def broken(heard):
        raise RuntimeError("a bug")

    async with opened(tmp_path, FakeEar(broken)) as world:
        assert (await say(world, "认领 12"))[0] == 500
        world.ear.reply = answering("好")
        assert (await say(world, "列表"))[1]["replies"][0]["text"] == "好"
    assert "no answer to local:1" in caplog.text


async def test_a_chart_and_files_go_with_a_message(tmp_path):
    chart = Chart(
        "#12 热度",
        "分",
        (Series("热度", ((1776225600.0, 20.0), (1776227400.0, float("nan")), (1776229200.0, 63.0))),),
        ((1776229200.0, "升橙"),),
    )
    files = (File("简报.docx", "application/msword", b"PK"), File("a.png", "image/png", b"\x89PNG"))
    async with opened(tmp_path, FakeEar(lambda heard: Answer((Post("#12 热度63", files=files, chart=chart),)))) as world:
        [reply] = (await say(world, "趋势 12"))[1]["replies"]

        assert reply["chart"]["series"][0]["points"] == [[1776225600.0, 20.0], [1776229200.0, 63.0]]
        assert reply["chart"]["marks"] == [{"at": 1776229200.0, "label": "升橙"}]
        assert [file["name"] for file in reply["files"]] == ["简报.docx", "a.png"]
        async with ClientSession() as session:
            async with session.get(f"{world.url}/api/files/{reply['id']}/0") as response:
                assert await response.read() == b"PK"
                assert response.headers["Content-Disposition"].startswith("attachment;")
                assert response.content_type == "application/octet-stream"
            async with session.get(f"{world.url}/api/files/{reply['id']}/1") as response:
                assert response.content_type == "image/png"
            async with session.get(f"{world.url}/api/files/{reply['id']}/9") as response:
                assert response.status == 404


async def test_messages_are_read_on_from_an_id_and_back_from_one(tmp_path):
    async with opened(tmp_path) as world:
        for number in range(1, 8):
            await world.push(Post(f"第{number}条"), parcel=number)

        assert [message["id"] for message in await messages(world, after=5)] == [6, 7]
        assert [message["id"] for message in await messages(world, last=3)] == [5, 6, 7]
        _, page = await call(f"{world.url}/api/messages", params={"room": "危机室", "before": 3, "last": 1})
        assert ([message["id"] for message in page["messages"]], page["more"]) == ([2], True)


async def test_many_at_once_each_get_their_own_reply(tmp_path):
    ear = FakeEar(lambda heard: Answer((Post(f"答 {heard.text}"),)))
    async with opened(tmp_path, ear) as world:
        answers = await asyncio.gather(*(say(world, f"第{number}句") for number in range(64)))

        assert len({answer["id"] for _, answer in answers}) == 64
        assert [answer["replies"][0]["text"] for _, answer in answers] == [f"答 第{number}句" for number in range(64)]
        assert len(await messages(world)) == 128


@given(text(characters(exclude_categories=())))
def test_any_text_can_be_stored_and_sent(words):
    clean(words).encode("utf-8")
    assert clean(clean(words)) == clean(words)
    assert "\x00" not in clean(words)


async def test_the_page_learns_rooms_people_and_verbs(tmp_path):
    async with opened(tmp_path) as world:
        status, answer = await call(f"{world.url}/api/rooms")

        assert status == 200
        assert answer["rooms"] == ["危机室", "值班群"]
        assert answer["people"][0] == {"name": "张敏", "roles": ["值班长"], "room": "@张敏"}
        assert "认领" in answer["verbs"]
        assert answer["name"] == HOUSE.name


async def test_text_that_no_database_can_hold_is_made_harmless(tmp_path):
    async with opened(tmp_path) as world:
        assert (await say(world, "坏\ud800字\x00"))[0] == 200
        assert world.ear.taken[0].text == "坏?字"


@pytest.mark.parametrize(
    ("body", "status", "names"),
    [
        (b"{", 400, "JSON"),
        (b"[1]", 400, "JSON"),
        (b"[" * 100_000, 400, "JSON"),
        (b"\xff\xfe", 400, "JSON"),
        (b'{"sender": "x", "text": "y"}', 400, "room"),
        ('{"room": "危机室", "text": "y"}'.encode(), 400, "sender"),
        ('{"room": "危机室", "sender": "李雷"}'.encode(), 400, "text"),
        ('{"room": "危机室", "sender": "李雷", "text": "  "}'.encode(), 400, "text"),
        ('{"room": "危机室", "sender": 7, "text": "y"}'.encode(), 400, "sender"),
        ('{"room": "危机室", "sender": "李雷", "text": "y", "reply_to": "1"}'.encode(), 400, "reply_to"),
        ('{"room": "危机室", "sender": "李雷", "text": "y", "reply_to": 99}'.encode(), 404, "99"),
        ('{"room": "没有", "sender": "李雷", "text": "y"}'.encode(), 404, "没有"),
        ('{"room": "@路人", "sender": "路人", "text": "y"}'.encode(), 404, "@路人"),
        (b'{"room": "' + b"x" * 300_000, 413, "256"),
    ],
)
async def test_bad_input_is_named_and_changes_nothing(tmp_path, body, status, names):
    async with opened(tmp_path) as world:
        got, answer = await call(f"{world.url}/api/messages", "POST", data=body)

        assert (got, names in answer["error"]) == (status, True), answer
        assert world.ear.taken == []
        assert await messages(world) == []


@pytest.mark.parametrize("body", [{}, {"message": 1}, {"message": "1"}, {"message": True}, {"message": 1, "sender": "李雷"}])
async def test_a_bad_press_is_named(tmp_path, body):
    async with opened(tmp_path) as world:
        await world.push(Post.of(ALERT))
        status, answer = await call(f"{world.url}/api/press", "POST", json=body)
        assert status == 400
        assert answer["error"]


@pytest.mark.parametrize("query", ["room=危机室&after=x", "room=危机室&after=-1", "after=1", "room=危机室&after=" + "9" * 30])
async def test_a_bad_question_is_named(tmp_path, query):
    async with opened(tmp_path) as world:
        status, answer = await call(f"{world.url}/api/messages?{query}")
        assert status == 400
        assert answer["error"]


async def test_a_body_in_pieces_beyond_the_cap_is_refused(tmp_path):
    async def pieces():
        for _ in range(40):
            yield b"x" * 10_000

    async with opened(tmp_path) as world:
        assert (await call(f"{world.url}/api/messages", "POST", data=pieces()))[0] == 413


async def test_a_parcel_is_known_by_its_outbox_id_even_with_another_text(tmp_path):
    async with opened(tmp_path) as world:
        await world.push(Post("预警"), parcel=7)
        receipt = await world.platform.send(Parcel(7, Target("local", "危机室", "危机室"), Post("可能重复 预警")), "page")
        assert receipt.message_id == "local:1"
        assert [message["text"] for message in await messages(world)] == ["预警"]
