"""A statement in the model's words: a version like any other, marked, bound to facts, and never out without two other people."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from fakes.model import KEY, NAME, FakeModel, Reply, model
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.assistant import Assistant, Options
from bot.config import Config, furnish, load
from bot.drafting.signing import Matter, required_roles
from bot.model.grade import Grade
from bot.model.options import Seconds
from bot.model.people import Person, Role
from bot.rephrasing import Rephrasing, unusable, wished
from bot.store import rephrasings, staff, statements
from tests.conftest import CONFIG
from tests.statement_world import Desk, Watched, with_person
from tests.test_statements_random import rephrase


class Writer:
    """A desk with a model: ``run`` is what the house does every second."""

    def __init__(self, desk: Desk, fake: FakeModel, assistant: Assistant) -> None:
        self.desk = desk
        self.fake = fake
        self._assistant = assistant

    async def run(self) -> None:
        desk = self.desk
        await Rephrasing(desk.store, desk.house, self._assistant, lambda: desk.now).run_waiting()
        desk.collect()


@asynccontextmanager
async def writing(config: Config, *says: Reply, grade: str = "orange", **house: object) -> AsyncIterator[Writer]:
    async with model(*says) as fake:
        assistant = Assistant(Options(fake.base, KEY, NAME, Seconds(0.5), Seconds(0.1)))
        desk = Desk(config, grade=grade, model=NAME, **house)
        try:
            yield Writer(desk, fake, assistant)
        finally:
            desk.close()
            await assistant.close()


SOFTER: Callable[[str], str] = lambda text: text.replace("最关心", "眼下最关心")  # noqa: E731


async def rephrased(writer: Writer, change: Callable[[str], str] = SOFTER, by: str = "张敏") -> statements.Draft:
    """A clean draft of 张敏, then said in other words by the model."""
    desk = writer.desk
    it = desk.clean_draft()
    writer.fake.says = [change(_sent(desk, it.text))]
    assert desk.say(f"润色 D{it.id}", by).startswith(f"{it.name} 交语言模型改写，好了私信你")
    desk.out.clear()
    await writer.run()
    return desk.draft(it.id)


def _sent(desk: Desk, text: str) -> str:
    """The text as the model reads it."""
    return text.replace(desk.house.contact, "〔联系方式〕")


async def test_the_models_words_are_a_marked_version_that_the_asker_reads_first(config: Config) -> None:
    async with writing(config) as writer:
        made = await rephrased(writer)
        desk = writer.desk

        assert (made.version, made.state, made.model, made.author) == (3, "draft", NAME, "张敏")
        assert "眼下最关心" in made.text
        assert desk.house.contact in made.text
        private = next(s.text for s in desk.out if s.to == "@张敏")
        assert private.splitlines()[:2] == [f"{made.name} 检查通过", f"由语言模型改写（{NAME}），须两位不是你的人签字"]
        assert made.text in private
        assert desk.heard("危机室", f"{made.name} 由语言模型改写（张敏提出）")
        assert writer.fake.asked[0].keys() == {"原文", "语气"}
        assert desk.house.contact not in str(writer.fake.asked)


async def test_the_mark_stands_on_card_diff_sheet_and_before_the_release(config: Config) -> None:
    from bot import export
    from bot.exporting import read

    async with writing(config) as writer:
        made = await rephrased(writer)
        desk = writer.desk
        assert "张敏 09:48（由语言模型改写）" in desk.say(f"对比 D{made.id}", "张敏", room="")
        desk.say(f"送审 D{made.id}", "张敏")
        assert desk.heard("@王磊", f"【由语言模型改写：{NAME}】须两位不是提出人的人签，对外须标识")
        for name in ("王磊", "何静", "林工", "陈总"):
            desk.say(f"同意 D{made.id}", name, room="")
        assert "由语言模型改写，对外须标识" in desk.say(f"发布 D{made.id} 微博", "王磊")
        kept, brief = desk.run(read, 1, desk.now)
        archive = export.archive(kept, brief, company="晨露乳业", at=desk.now, by="陈总", secrets=())
        assert f"由语言模型改写（{NAME}）".encode() in archive


async def test_a_number_that_the_model_invents_is_unbound_and_blocks(config: Config) -> None:
    async with writing(config) as writer:
        made = await rephrased(writer, lambda text: text.replace("。", "，涉及批次3762箱。", 1))
        assert made.model == NAME
        said = writer.desk.say(f"送审 D{made.id}", "张敏")
        assert "还不能送审" in said
        assert "3762" in said
        assert writer.desk.draft().state == "draft"


async def test_blue_takes_one_signature_and_a_models_words_two_of_others(config: Config) -> None:
    async with writing(config, grade="blue") as writer:
        made = await rephrased(writer)
        desk = writer.desk
        desk.say(f"送审 D{made.id}", "张敏")
        desk.say(f"同意 D{made.id}", "王磊", room="")
        assert desk.draft().state == "review"
        assert "还不能发" in desk.say(f"发布 D{made.id} 微博", "陈总")
        desk.say(f"同意 D{made.id}", "张敏", room="")
        assert desk.draft().state == "review"
        desk.say(f"同意 D{made.id}", "何静", room="")
        assert desk.draft().state == "approved"


async def test_who_asked_cannot_sign_what_the_model_wrote_for_them(config: Config) -> None:
    async with writing(config, grade="blue") as writer:
        made = await rephrased(writer, by="王磊")
        desk = writer.desk
        desk.say(f"送审 D{made.id}", "张敏")
        desk.say(f"同意 D{made.id}", "王磊", room="")
        desk.say(f"同意 D{made.id}", "何静", room="")
        assert desk.draft().state == "review"


async def test_a_later_hand_and_a_correction_keep_the_mark(config: Config) -> None:
    async with writing(config) as writer:
        made = await rephrased(writer)
        desk = writer.desk
        desk.say(f"改 D{made.id} 把「眼下最关心」改成「最关心」", "张敏")
        assert desk.draft().model == NAME
        desk.say("送审 D1", "张敏")
        for name in ("王磊", "何静", "林工", "陈总"):
            desk.say("同意 D1", name, room="")
        desk.say("发布 D1 微博", "王磊")
        desk.say(f"确认 {desk.draft().code}", "王磊")
        desk.say("已发 D1 https://weibo.example/1", "苏琴")
        desk.say("更正 D1", "张敏")
        assert desk.draft(2).model == NAME


async def test_the_emergency_path_is_closed_to_it(config: Config) -> None:
    async with writing(config) as writer:
        made = await rephrased(writer)
        assert "请走正常会签" in writer.desk.say(f"紧急首发 D{made.id}", "张敏")


@pytest.mark.parametrize("grade", list(Grade))
@pytest.mark.parametrize("kind", ["holding", "breach_notice", "media_qa"])
def test_no_chain_of_a_models_words_is_shorter_than_two(grade: Grade, kind: str) -> None:
    plain = required_roles(Matter(kind, grade, "other", ""))
    marked = required_roles(Matter(kind, grade, "other", "", model=True))
    assert len(set(marked)) >= 2
    assert set(plain) <= set(marked)


OUT: list[int] = []
"""Publications of a model's words that the property test saw."""
SIGNERS = ("王磊", "何静", "陈总", "张敏", "林工")


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    asker=st.sampled_from(["张敏", "王磊", "何静", "陈总"]),
    signing=st.lists(st.sampled_from(SIGNERS), max_size=5),
    phone=st.sampled_from(["", "王磊", "张敏", "小刘"]),
    releaser=st.sampled_from(["王磊", "陈总"]),
)
@example(asker="张敏", signing=["王磊", "何静"], phone="", releaser="陈总")
def test_however_it_is_signed_two_others_did(asker: str, signing: list[str], phone: str, releaser: str) -> None:
    """The shortest chain there is: blue, where one signature of pr would do for a person's words."""
    with tempfile.TemporaryDirectory() as folder:
        loaded = load(CONFIG)
        desk = Desk(replace(loaded, bot=replace(loaded.bot, data_dir=folder)), grade="blue", model=NAME)
        desk.clean_draft()
        desk.say("润色 D1", asker)
        rephrase(desk, "最关心|眼下最关心")
        desk.say("送审 D1", "张敏")
        for name in signing:
            desk.say("同意 D1", name, room="")
        if phone:
            desk.say("何静电话同意 D1", phone)
        desk.say("发布 D1 微博", releaser)
        desk.say(f"确认 {desk.draft().code}", releaser)
        Watched(desk).look()
        OUT.extend(p.id for p in desk.publications())
        assert desk.draft().model == "qwen"
        desk.close()


def test_the_property_saw_such_words_go_out() -> None:
    """Runs after the one above."""
    assert OUT


async def test_signatures_given_before_fall(config: Config) -> None:
    async with writing(config) as writer:
        desk = writer.desk
        it = desk.in_review()
        desk.say("同意 D1", "王磊", room="")
        writer.fake.says = [SOFTER(_sent(desk, it.text))]
        desk.say("润色 D1 语气平实些", "张敏")
        await writer.run()
        assert desk.draft().state == "draft"
        assert all(s.void for s in desk.run(statements.signatures, 1))
        assert writer.fake.asked[0]["语气"] == "语气平实些"


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (500, "回答 500"),
        (401, "不认这个密钥（401）"),
        (asyncio.Event, "没有在时限内答完"),
        ("好的", "长短差得太多"),
        ("关于婴幼儿奶粉的情况说明" * 60, "长短差得太多"),
        (lambda text: text, "一个字也没改"),
        (lambda text: text.replace("。", "。@所有人 ", 1), "有标记或看不见的字符"),
        (lambda text: text.replace("。", "。<a>", 1), "有标记或看不见的字符"),
        (lambda text: text.replace("。", "。\u202e", 1), "有标记或看不见的字符"),
        (lambda text: text.replace("。", "。https://evil.example/x ", 1), "加了网址"),
        (lambda text: text + "【待填：赔多少】", "动了待填的空"),
        (lambda text: text.replace("〔联系方式〕", "12345"), "动了人名或联系方式"),
    ],
)
async def test_a_bad_answer_leaves_the_draft_and_is_one_line(config: Config, says: object, why: str) -> None:
    async with writing(config) as writer:
        desk = writer.desk
        it = desk.clean_draft()
        reply = says() if says is asyncio.Event else says(_sent(desk, it.text)) if callable(says) else says
        writer.fake.says = [reply]
        desk.say("润色 D1", "张敏")
        desk.out.clear()
        await writer.run()
        assert desk.draft().version == it.version
        (said,) = desk.out
        assert said.to == "@张敏"
        assert said.text.startswith("D1 没有改写，还是 v2：")
        assert why in said.text
        assert KEY not in said.text
        await writer.run()
        assert not desk.run(rephrasings.waiting)


async def test_what_changed_meanwhile_wins(config: Config) -> None:
    async with writing(config, asyncio.Event()) as writer:
        desk = writer.desk
        desk.clean_draft()
        desk.say("润色 D1", "张敏")
        desk.say("改 D1 把「最关心」改成「眼下最关心」", "王磊")
        desk.out.clear()
        await writer.run()
        assert desk.heard("@张敏", "稿件这期间变了")
        assert not writer.fake.asked
        assert desk.draft().version == 3


async def test_a_crash_while_the_model_writes_ends_in_a_version_or_in_a_word(config: Config) -> None:
    held = asyncio.Event()
    async with writing(config, held) as writer:
        desk = writer.desk
        it = desk.clean_draft()
        desk.say("润色 D1", "张敏")
        for _ in range(2):
            writer.fake.came.clear()
            run = asyncio.create_task(writer.run())
            await writer.fake.came.wait()
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
            desk.crash()
        held.set()
        writer.fake.says = [SOFTER(_sent(desk, it.text))]
        await writer.run()
        assert desk.heard("@张敏", "两次都没有做完")
        assert desk.draft().version == it.version
        desk.say("润色 D1", "张敏")
        await writer.run()
        assert desk.draft().model == NAME


async def test_only_who_may_write_asks_and_one_at_a_time(config: Config) -> None:
    async with writing(config) as writer:
        desk = writer.desk
        desk.clean_draft()
        assert "可以的是" in desk.say("润色 D1", "小刘")
        desk.say("润色 D1", "张敏")
        assert desk.say("润色 D1", "王磊") == "D1 已在改写，好了会私信"


async def test_a_right_lost_meanwhile_is_lost(config: Config) -> None:
    async with writing(config, people=with_person(furnish(config), Person("赵倩", frozenset({Role.PR})))) as writer:
        desk = writer.desk
        it = desk.clean_draft()
        writer.fake.says = [SOFTER(_sent(desk, it.text))]
        desk.say("润色 D1", "赵倩")
        desk.run(lambda db: staff.appoint(db, "赵倩", Role.PR, False, at=desk.now, by="陈总"))
        desk.out.clear()
        await writer.run()
        assert desk.draft().version == it.version


async def test_nothing_confidential_and_nobodys_number_is_sent(config: Config) -> None:
    async with writing(config) as writer:
        desk = writer.desk
        desk.clean_draft()
        desk.say("改 D1 把「最关心」改成「最关心（回访13800138000）」", "张敏")
        assert "个人的号码，不送语言模型" in desk.say("润色 D1", "张敏")
        desk.say("改 D1 把「（回访13800138000）」改成「」", "张敏")
        desk.say("保密 #1 @张敏", "陈总", room="")
        assert "#1 已保密，稿件不送语言模型" in desk.say("润色 D1", "张敏", room="")
        assert not writer.fake.asked


def test_without_a_model_it_says_how_to_have_one(config: Config) -> None:
    desk = Desk(config)
    desk.clean_draft()
    said = desk.say("润色 D1", "张敏")
    desk.close()
    assert said == "没有接语言模型。管理员在配置里写 [model] url 和 name 即可，见 docs/model.md"


def test_what_asks_for_other_words_and_what_brings_them() -> None:
    assert wished("润色") == ""
    assert wished("润色一下，语气平实些") == "语气平实些"
    assert wished("改写：短一点") == "短一点"
    assert wished("把「甲」改成「乙」") is None
    assert not unusable("我们正在核查，今天18:00再说明。", "我们正在核实，今天18:00再作说明。")
