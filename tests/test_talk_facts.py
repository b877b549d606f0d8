"""Talk about what is true: facts, their sources, corrections; decisions and who took them."""

from __future__ import annotations

from bot.store import work
from tests.conftest import Room
from tests.stories import story


async def test_a_quoted_message_becomes_a_fact_with_its_source(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷「小刘：客服今早接到4个同批次来电」：记
          < F1 待核实（小刘）。已请林工核实
          [@林工] 请核实 F1（李雷）：客服今早接到4个同批次来电
        张敏「小刘：客服今早接到4个同批次来电」：记
          < 已记为F1
        林工：F1 核实了，来电录音在
          < F1 已核实（林工，来源：来电录音）
        """,
    )
    assert len(work.facts(room.db, 1)) == 1


async def test_a_fact_is_confirmed_only_with_a_source_and_only_by_who_may(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        小刘：记 已有3位家长来电投诉
          < F1 待核实（小刘）。已请林工核实
          [@林工] 请核实 F1（小刘）
        小刘：F1 核实了 来源录音
          < 你（客服）不能判定事实。可以的是：指挥、业务、信息安全
        林工：F1 核实了
          < 核实要写来源
        林工：F1 核实了 来源录音
          < F1 已核实（林工，来源：录音）
        林工：F1 核实了 来源录音
          < F1 已经是已核实
        """,
    )


async def test_a_fact_said_as_confirmed_by_who_may_not_waits(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        小刘：核实了 退货12单（来源：门店）
          < F1 待核实（门店）。已请林工核实
          [@林工] 请核实 F1（小刘）：退货12单
        陈总：F1 核实了
          < F1 已核实（陈总，来源：门店）
        李雷：事实列表
          < F1 已核实｜退货12单（门店）
        """,
    )


async def test_the_button_asks_for_the_source_too(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        小刘：记 已有3位家长来电投诉
          < F1 待核实
          [@林工] 请核实 F1
        林工按「核实了」
          < 核实要写来源，如：F1 核实了 来源医院
        林工（私）：F1 核实了 来源录音
          < F1 已核实（林工，来源：录音）
          [危机室] F1 已核实（林工，来源：录音）
        """,
    )


async def test_information_security_judges_technical_facts_only(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await room.say("角色 林工 减 业务", by="陈总")
    await room.say("确认", by="陈总")
    room.ignore()
    await story(
        room,
        """
        小刘：记 已有3位家长来电投诉
          < F1 待核实（小刘）。已请陈总核实
          [@陈总] 请核实 F1
        林工：F1 核实了 来源录音
          < 不能判定事实（信息安全只判技术事实）
        小刘：记 服务器凌晨重启过一次
          < F2 待核实（小刘）。已请林工核实
          [@林工] 请核实 F2
        林工：F2 核实了 来源审计日志
          < F2 已核实（林工，来源：审计日志）
        """,
    )


async def test_a_correction_is_a_new_fact_and_keeps_the_old_words(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        林工：核实了 影响约1240箱（来源：台账）
          < F1 已核实（林工，来源：台账）
        小刘：更正F1：影响约1420箱
          < 不能判定事实。可以的是
        林工：更正F1：影响约1420箱
          < F1 更正为 F2（已核实）
          < F1 原文留存
        林工：更正F1：影响约1500箱
          < F1 已更正为 F2，请改 F2
        """,
    )
    assert [f.state for f in work.facts(room.db, 1, ("confirmed", "retracted"))] == ["retracted", "confirmed"]


async def test_what_falls_with_a_fact_is_named(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        林工：核实了 影响约1240箱（来源：台账）
          < F1 已核实
        陈总：决策 #1 先行下架
          < J1 陈总：先行下架（当时已知 F1）
        林工：F1 撤回 台账错了
          < F1 已撤回（林工）
          < J1 当时以它为据
        林工：F1 撤回
          < F1 已经撤回了
        """,
    )


async def test_a_refuted_fact_is_kept_as_refuted(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        小刘：记 网传内部检测不合格截图
          < F1 待核实
          [@林工] 请核实 F1
        林工：F1 不属实 来源质检报告
          < F1 不属实（林工，来源：质检报告）
        李雷：事实列表
          < F1 不属实｜网传内部检测不合格截图
        """,
    )


async def test_what_is_added_later_is_marked_and_stands_where_it_happened(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await room.later(hours=3)
    room.ignore()
    await story(
        room,
        """
        小刘：补记 #1 10:21 医院打来电话
          < F1 待核实（小刘，补记，事发10:21）
          [@林工] 请核实 F1
        王磊：记 门店已停售
          < F2 待核实（王磊）
          [@林工] 请核实 F2
        何静（私）：时间线 #1
          < 10:21 事实 小刘：F1
          < （补记 12:48）
          < 12:48 事实 王磊：F2
        """,
    )


async def test_a_quote_without_its_id_is_marked_as_transcribed(room: Room) -> None:
    await room.open_incident(owner="李雷")
    said = await room.say("记", by="李雷", quote="客服今早接到4个同批次来电", quote_by="小刘", quote_id="")
    assert said.startswith("F1 待核实（小刘，转录）")
    room.expect(("@林工", "请核实 F1"))
    assert room.db.conn.execute("SELECT transcribed FROM facts").fetchone()[0] == 1
    assert "F1 待核实｜客服今早接到4个同批次来电" in await room.say("事实列表", by="张敏")


async def test_a_verb_in_the_quote_supplies_words_and_never_acts(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        小刘「王磊：结案 #1 已经解决了」：记
          < F1 待核实（王磊）
          [@林工] 请核实 F1（小刘）：结案
        小刘「王磊：认领 #1」：收到
        张敏：状态 #1
          < 研判中，李雷
        """,
    )


async def test_the_commander_decides_with_the_facts_known_then(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await story(
        room,
        """
        林工：核实了 影响约1240箱（来源：台账）
          < F1 已核实
        陈总（私）：决策 #1 先行下架该批次
          < J1 陈总：先行下架该批次（当时已知 F1）
          [危机室] J1 陈总：先行下架该批次（当时已知 F1）
        林工：更正F1：影响约1420箱
          < F1 更正为 F2
          < J1 当时以它为据
        """,
    )
    assert work.decision(room.db, 1).known == (1,)


async def test_others_propose_and_the_commander_presses(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await story(
        room,
        """
        李雷：决策 #1 先行下架该批次
          < J1 记为提议：先行下架该批次。橙级要指挥定，已私信陈总
          [@陈总] 李雷提议 J1（#1）：先行下架该批次
        张敏：J1 同意
          < 你（值班长）不能定 J1。可以的是：指挥
        陈总按「同意」
          < J1 陈总同意：先行下架该批次
          [危机室] J1 陈总同意：先行下架该批次
        陈总：J1 同意
          < J1 已经定了（陈总）
        """,
    )


async def test_a_proposal_turned_down_stays_on_record(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await story(
        room,
        """
        王磊：决策 #1 公开道歉
          < J1 记为提议
          [@陈总] 王磊提议 J1
        陈总：J1 不同意 太早
          < J1 陈总不同意：太早。不作数，原文留存
        李雷：决策列表
          < J1 （不作数）陈总：公开道歉
        """,
    )


async def test_duty_and_owner_decide_at_blue_and_yellow_only(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄")
    await story(
        room,
        """
        李雷：决策 #1 先联系发帖人
          < J1 李雷：先联系发帖人
        王磊：决策 #1 公开道歉
          < J2 记为提议
          [@陈总] 王磊提议 J2
        张敏：J2 同意
          < J2 张敏同意：公开道歉
        """,
    )


async def test_what_is_recorded_for_another_is_marked_and_confirmed_by_him(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await story(
        room,
        """
        张敏：陈总拍板：先道歉后调查
          < J1 陈总：先道歉后调查（代录）
          [@陈总] 张敏代您记了 J1：先道歉后调查
        陈总按「属实」
          < J1 陈总：先道歉后调查（本人确认）
          [危机室] J1 陈总：先道歉后调查（本人确认）
        李雷：决策列表
          < J1 陈总：先道歉后调查（代录）
        """,
    )


async def test_what_was_recorded_wrongly_is_denied_by_him(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await story(
        room,
        """
        何静：陈总拍板：先道歉后调查
          < J1 陈总：先道歉后调查（代录）
          [@陈总] 何静代您记了 J1
        陈总按「不对」
          < J1 陈总否认。不作数，原文留存
          [危机室] J1 陈总否认
        陈总：J1 确认
          < J1 已不作数了
        """,
    )


async def test_by_others_it_stays_a_proposal(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await story(
        room,
        """
        小刘：陈总拍板：先道歉后调查
          < J1 记为提议（陈总）：先道歉后调查
          [@陈总] 小刘代您记了 J1
        李雷：决策列表
          < J1 （提议）陈总：先道歉后调查
        陈总（私）：J1 确认
          < J1 陈总：先道歉后调查（本人确认）
          [危机室] J1 陈总：先道歉后调查（本人确认）
        """,
    )


async def test_a_decision_is_never_edited_only_superseded(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await story(
        room,
        """
        陈总：决策 #1 先行下架
          < J1 陈总：先行下架
        王磊：撤销 J1
          < 你（公关）不能改决策。可以的是：陈总、指挥
        陈总：J1 改成 只下架榕城
          < J2 陈总：只下架榕城（替代 J1，原文留存）
        陈总：撤销 J1
          < J1 已不作数了
        陈总：撤销 J2
          < J3 陈总：撤销 J2（只下架榕城）（替代 J2，原文留存）
        """,
    )
    assert work.decision(room.db, 1).text == "先行下架"


async def test_a_decision_not_to_speak_meets_the_first_statement_clock(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        李雷：还差什么
          < 橙、红级要先发首次声明，或记下「决策 不发声 …」
        陈总：决策 不发声，等检测结果
          < J1 陈总：不发声
        李雷：还差什么
          < 不差什么，可以「跟踪 #1」（指挥、负责人）
        """,
    )


async def test_a_correction_puts_the_words_right_where_they_stand(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        林工：记一下 #1 批次MA0423检出异物
          < F1 待核实（林工）
        林工：F1 核实了 来源质检
          < F1 已核实（林工，来源：质检）
        林工：更正F1：不是MA0423是MA0424
          < F1 更正为 F2（已核实）：批次MA0424检出异物。F1 原文留存
        小刘：事实 #1
          < #1 事实1条
          < F2 已核实｜批次MA0424检出异物
        """,
    )
