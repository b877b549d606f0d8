"""Talk about what is kept besides: evidence, audiences, open questions, labels, a matter brought by a person, catch-up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.intake import Intake
from bot.model.mention import Mention
from bot.sources import links
from bot.store import evidence, mentions, notes
from tests.conftest import THREE_COMPLAINTS, Room
from tests.stories import story


async def test_every_alert_keeps_its_first_post_word_for_word(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        何静：存证 #1
          < #1 存证1件
          < Z-1 测试源：晨露乳业的牛奶里喝出异物
        何静「王磊：门店店长承认换过包装」：存证
          < Z-2 已存证：校验
        张敏「王磊：门店店长承认换过包装」：存证
          < 已存为Z-2
        """,
    )
    kept = evidence.get(room.db, 1)
    assert kept.text == THREE_COMPLAINTS[0]
    assert len(kept.sha256) == 64


async def test_who_has_told_which_audience(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        王磊：已告知 #1
          < 还没记下告知了谁
        王磊：已告知 #1 员工 已发内部信
          < #1 已告知员工（王磊 09:48）
        何静：已告知 #1 监管部门 电话说明
          < #1 已告知监管部门（何静
        张敏：已告知 #1
          < #1 已告知2类
          < 还没有：用户、受影响的人
        """,
    )


async def test_open_questions_wait_for_their_answers(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        王磊：待答 #1 检测什么时候出结果
          < Q1 待答（王磊）：检测什么时候出结果
        张敏：待答 #1
          < #1 待答1个
          < Q1 检测什么时候出结果（王磊）
        林工：已答 Q1 明天16:00出
          < Q1 已答（林工）：明天16:00出
        林工：已答 Q1 后天
          < Q1 已有答案：明天16:00出
        张敏：待答 #1
          < #1 没有待答的问题
        """,
    )


async def test_a_wrong_judgement_is_collected_to_train_with(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        小刘：不是负面 #1
          < 记下了：#1 首帖不是负面。级别不变，已有1条
        小刘：是负面 #1
          < 记下了：#1 首帖是负面。级别不变，已有2条
        王磊「路人甲：你们家奶真好喝」：不是负面
          < 记下了：引用的这段不是负面
        """,
    )
    assert ("negative", THREE_COMPLAINTS[0]) in notes.labels(room.db)
    assert ("neutral", "你们家奶真好喝") in notes.labels(room.db)


async def test_a_post_typed_out_is_the_one_that_is_labelled(room: Room) -> None:
    await room.open_incident(owner="李雷")

    assert "这段是负面" in await room.say("是负面 晨露又涨价了，配料表反而缩水", by="小刘")
    assert "#1 首帖不是负面" in await room.say("不是负面 #1 同名的餐馆，与我们无关", by="小刘")
    assert "#1 首帖不是负面" in await room.say("不是负面 同名餐馆", by="小刘")

    assert notes.labels(room.db) == [("negative", "晨露又涨价了，配料表反而缩水"), ("neutral", THREE_COMPLAINTS[0])]


async def test_a_rule_is_tried_on_what_was_heard_and_changes_nothing(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：试规则 晨露 & 异物
          < 最近7天3条里命中3条（规则没有改动）
        李雷：试规则 $公司 & (召回 ~3 奶粉) - 招聘：晨露乳业召回的不止是奶粉
          < ✗ 试　命中：晨露乳业、晨露、召回、奶粉；缺：召回 与 奶粉 相隔不超过3字（规则没有改动）
        李雷：试规则 晨露 & 异物: 晨露奶粉喝出异物
          < ✓ 试　命中：晨露、异物（规则没有改动）
        王磊：试规则 晨露
          < 可以的是：指挥、监测、管理员
        李雷：试规则 (晨露 &
          < 规则写法不对
        李雷：试规则 (晨露 & 异物：晨露异物
          < 规则写法不对：第1字：括号没有合上
        李雷：试规则 - 招聘：晨露
          < 规则写法不对：第1字：只有排除词
        李雷：试规则 (晨露 | 云栈) & "异物"：晨露异物
          < ✓ 试　命中：晨露、异物
        """,
    )


async def test_a_matter_brought_in_words_opens_an_incident_without_a_grade(room: Room) -> None:
    await story(
        room,
        """
        小刘：上报 门店门口有人排队骂街要说法
          < 未定级 #1 门店门口有人排队骂街要说法｜小刘上报
          < 请任一组员认领，再由值班长定级
          [@李雷] #1 门店门口有人排队骂街要说法（小刘上报）
        李雷：认领
          < #1 归李雷
        张敏：定级 #1 黄 人多
          < #1 定黄（张敏）
        李雷：为什么 #1
          < #1 是人工上报的，没有监测数据
        """,
    )


async def test_reporting_alone_asks(room: Room) -> None:
    await room.open_incident(owner="李雷")
    assert (await room.say("上报", by="小刘")).startswith("上报哪件、报给谁？")
    assert (await room.say("上报 #1 给陈总", by="小刘")).startswith("#1 已报陈总")
    room.expect(("@陈总", "【领导简报】#1"))


@dataclass(frozen=True)
class Seen:
    """A page as it was looked at."""

    mention: Mention
    note: str = ""


class Pages:
    """The source of pasted links, with pages that need no network."""

    name = "群内链接"

    def __init__(self, text: str, note: str = "") -> None:
        self.text, self.note = text, note

    def take(self, text: str, by: str, now: datetime) -> Mention | None:
        pasted = links.read_paste(text)
        if pasted is None:
            return None
        return Mention.of(
            {"url": pasted.url, "text": pasted.words or pasted.url, "platform": "论坛"}, source=self.name, now=now
        )

    async def look(self, mention: Mention, now: datetime) -> Seen:
        return Seen(replace(mention, text=self.text or mention.text), self.note)


async def test_a_pasted_link_is_read_and_belongs_to_its_incident(room: Room) -> None:
    pages = Pages("晨露牛奶里有玻璃渣，已经就医，求扩散")
    await story(
        room,
        """
        小刘：上报 https://bbs.example/t/77 门店有人闹
          < 未定级 #1 门店有人闹｜小刘上报
          < Z-1
          [@李雷] #1 门店有人闹
        王磊：上报 https://bbs.example/t/77 又看到了这个帖子
          < 这条链接已在 #1（Z-1）
        李雷：认领 #1
          < #1 归李雷
        """,
    )
    await Intake(room.store, room.house, room.watch, pages, room.clock).run()
    await room.later(seconds=2)
    room.ignore()
    assert mentions.strands_of(room.db, 1)
    assert not notes.reports(room.db)
    assert "未结1件" in await room.say("列表", by="李雷")


async def test_a_link_that_cannot_be_opened_is_told_to_who_pasted_it(room: Room) -> None:
    pages = Pages("", links.LOGIN)
    await room.say("上报 https://bbs.example/t/78 门店有人闹", by="小刘")
    room.ignore()
    await Intake(room.store, room.house, room.watch, pages, room.clock).run()
    await room._collect()
    room.expect(("@小刘", "原页需登录，已存你贴的文字；请补截图"))
    assert "#1" in await room.say("列表", by="小刘")


async def test_catching_up_tells_what_changed_since_you_last_spoke(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await room.say("状态 #1", by="何静")
    await room.later(minutes=10)
    room.ignore()
    await story(
        room,
        """
        林工：核实了 影响约1240箱（来源：台账）
          < F1 已核实
        陈总：决策 #1 先行下架
          < J1 陈总：先行下架
        林工：更正F1：影响约1420箱
          < F1 更正为 F2
        何静：补课 #1
          < #1 补课已私信何静
          [@何静] 09:48 之后
        """,
    )
    news = next(s for s in reversed(room.said) if s.to == "@何静")
    assert len(news.text.splitlines()) <= 8
    assert "J1 陈总：先行下架" in news.text
    assert "别再用：F1 撤回→F2" in news.text


async def test_nothing_new_is_said_as_nothing_new(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        何静（私）：状态 #1
          < 研判中，李雷
        +1分
        何静（私）：补课 #1
          < 之后没有变化
        李雷（私）：补课 #1
          < 你可以：研判、转交
        """,
    )


async def test_the_timeline_fits_a_screen_and_the_rest_is_private(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    for n in range(9):
        await room.say(f"记 #1 第{n}家门店已停售", by="王磊")
    room.ignore()
    said = await room.say("时间线 #1", by="何静")
    assert len(said.splitlines()) == 8
    assert "条请私聊我：时间线 #1" in said
    private = await room.say("时间线 #1", by="何静", room="@何静")
    assert len(private.splitlines()) > 8
    assert "第0家门店已停售" in private
    room.expect()


async def test_what_is_missing_names_who_supplies_it(room: Room) -> None:
    await room.open_incident()
    await story(
        room,
        """
        小刘：还差什么 #1
          < #1 还差负责人：任一组员回「认领 #1」
        李雷：认领
          < #1 归李雷
        小刘：还差什么
          < 研判：负责人回「研判 #1」
          < 「定级 #1」（指挥、值班长、监测、负责人）
        张敏：定级 #1 蓝
          < #1 定蓝
        小刘：还差什么
          < 可以「启动 #1」
        """,
    )


async def test_my_tasks_are_mine_over_all_incidents(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await room.say("上报 另一件事情在发酵请看看", by="小刘")
    room.ignore()
    await story(
        room,
        """
        李雷：任务 #1 @林工 今晚8点前 查批次
          < T1
          [@林工] T1 交给你
        张敏：任务 #2 @林工 明早10点 问门店
          < T2
          [@林工] T2 交给你
        林工：我的任务
          < 你的未完成任务2项
          < T1 查批次
          < T2 问门店
        王磊：我的任务
          < 你没有未完成的任务
        """,
    )


async def test_evidence_is_disclosed_by_legal_with_a_code_and_stays_marked(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：披露 Z-1 给 朝阳法院
          < 你（监测）不能做这一步。可以的是：指挥、法务
        何静：披露 Z-1
          < 披露哪一件、给谁？如：披露 Z-77 给 朝阳法院
        何静：披露 Z-9 给 朝阳法院
          < 没有 Z-9 这件存证
        """,
    )
    echo = await room.say("披露 Z-1 给 朝阳法院", by="何静")
    assert echo.startswith("披露 Z-1（晨露乳业的牛奶里喝出异物")
    code = echo.rpartition("确认 ")[2][:4]
    await story(
        room,
        f"""
        李雷（私）：确认 {code}
          < 没有等你确认的事，或已过时
        何静：确认 {code}
          < Z-1 已披露给朝阳法院（何静），校验
        何静：存证 #1
          < #1 存证1件
          < Z-1 测试源：晨露乳业的牛奶里喝出异物
          < 已披露给朝阳法院
        """,
    )
