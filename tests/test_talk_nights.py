"""Talk as it was on bad nights: what a tired team typed, and what the house said too much, too little or not at all."""

from __future__ import annotations

from bot.model.grade import Grade
from bot.store import sources
from tests.conftest import Room
from tests.stories import story


async def test_a_bare_yes_in_private_answers_the_only_question(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        李雷：请示陈总 要不要先停售
          < #1 已报陈总
          [@陈总] 请您定：J1 要不要先停售
        陈总（私）：电话谈 J1
          < J1 先不定，已请值班长马上电话您
          [@张敏] 请电话陈总
        陈总：同意
        王磊（私）：同意
          < 没有等你签的稿件
        陈总（私）：同意
          < J1 陈总同意：要不要先停售
          [危机室] J1 陈总同意：要不要先停售
        陈总（私）：同意
          < 没有等你签的稿件
        """,
    )


async def test_a_bare_no_in_private_too_and_several_questions_are_asked_back(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    for line in ("请示陈总 要不要先停售", "请示陈总 要不要开发布会"):
        await room.say(line, by="李雷")
    room.ignore()
    await story(
        room,
        """
        陈总（私）：同意
          < 同意哪一个？J1 要不要先停售｜J2 要不要开发布会
          < 请带上编号，如：J1 同意
        陈总（私）：J1 同意
          < J1 陈总同意：要不要先停售
          [危机室] J1 陈总同意：要不要先停售
        陈总（私）：不同意，先查清楚
          < J2 陈总不同意：先查清楚。不作数，原文留存
          [危机室] J2 陈总不同意
        """,
    )


async def test_a_bare_yes_while_a_draft_and_a_question_wait_signs_nothing(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    for line, by in (
        ("记 #1 核实了 涉事批次已封存（来源：仓库）", "林工"),
        ("起草首发 #1", "张敏"),
        ("改 D1 已做的事：封存涉事批次", "张敏"),
        ("改 D1 下次通报今天16:00，官网", "张敏"),
        ("送审 D1", "张敏"),
        ("请示陈总 要不要先停售", "李雷"),
    ):
        await room.say(line, by=by)
    assert [s for s in room.ignore() if s.to == "@陈总" and "请指挥签 D1" in s.text]
    said = await room.say("同意", by="陈总", room="@陈总")
    assert said.startswith("同意哪一个？D1 v")
    assert "J1 要不要先停售" in said
    assert "指挥✓" not in await room.say("D1谁还没签", by="张敏")
    assert "指挥✓陈总" in await room.say("同意 D1", by="陈总", room="@陈总")
    assert "J1 陈总同意" in await room.say("同意", by="陈总", room="@陈总")
    room.ignore()


async def test_a_wish_that_differs_asks_for_a_reason_that_fits(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        张敏：定级 #1 橙
          < 和建议的蓝不同，请写理由，如：定级 #1 橙 已有媒体在问
        李雷：定级 #1 橙
          < 请写理由，如：定级 #1 橙 已有媒体在问
        张敏：定级 #1 橙 电视台来电
          < #1 定橙（张敏）
          [@陈总] 【领导简报】#1
        """,
    )
    await room.hear_of(
        "宝宝喝了晨露奶粉MA0423批次，身上起疹子",
        "晨露奶粉MA0423批次，我家孩子喝了也起疹子",
        "晨露奶粉MA0423，孩子喝了起疹子，客服不理",
    )
    await room.say("认领 #2", by="李雷")
    room.ignore()
    assert room.incident(2).suggested is Grade.YELLOW
    assert "定级 #2 蓝 只在一个群里传" in await room.say("定级 #2 蓝", by="张敏")


async def test_a_brief_says_what_is_doubted_and_not_the_clock_it_meets_itself(room: Room) -> None:
    await room.hear_of(
        "宝宝喝了晨露奶粉MA0423批次，身上起疹子",
        "晨露奶粉MA0423批次，我家孩子喝了也起疹子",
        "晨露奶粉MA0423，孩子喝了起疹子，客服不理",
    )
    room.ignore()
    await room.say("认领", by="李雷")
    assert await room.say("上报 #1 给陈总", by="李雷") != ""
    (brief,) = room.ignore()
    assert "在核实）" in next(line for line in brief.text.splitlines() if line.startswith("未知"))
    assert "上报" not in brief.text
    assert "核实" not in next((line for line in brief.text.splitlines() if line.startswith("已做")), "")


async def test_a_title_keeps_the_letters_and_marks_that_people_wrote(room: Room) -> None:
    await room.hear_of(
        "宝宝喝了晨露奶粉MA0423批次，身上起疹子，急死了",
        "我家也是，晨露奶粉MA0423，喝了起红疹",
        "晨露奶粉同批次MA0423，孩子喝了脸上全是疹子，客服不理人",
    )
    room.ignore()
    title = room.incident().title
    assert "MA0423" in title or "ma" not in title
    assert "," not in title
    said = await room.say("起草首发 #1", by="王磊")
    room.ignore()
    assert "缺E" in said
    assert room.incident().shown is Grade.YELLOW


async def test_a_leak_told_in_bare_figures_runs_the_clocks_of_the_law(room: Room) -> None:
    await room.hear_of(
        "有人在海外论坛卖晨露乳业120万会员数据，附了样本",
        "晨露会员数据泄露，我接到诈骗电话",
        "晨露泄露了我的手机号，天天诈骗电话",
    )
    await room.say("认领 #1", by="张敏")
    room.ignore()
    assert "F1 已核实" in await room.say("#1 核实了 泄露1180000条，姓名和电话，没有支付信息（来源：日志比对）", by="林工")
    said = room.ignore()
    assert room.incident().suggested is Grade.RED
    assert [s for s in said if s.to == "@何静" and "网信4小时" in s.text and "拟从" in s.text]


async def test_the_example_of_a_legal_start_fits_the_matter(room: Room) -> None:
    await room.hear_of(
        "晨露会员数据泄露，我接到诈骗电话", "晨露泄露了我的手机号，天天诈骗电话", "晨露会员资料外泄，骗子知道我名字"
    )
    room.ignore()
    said = await room.say("确认起点 #1", by="何静")
    assert "起点改 #1 网信 " in said, said
    room.expect()


async def test_a_proof_that_comes_after_the_work_is_kept(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：任务 @林工 今晚8点前 下架该批次
          < T1
          [@林工] T1 交给你
        林工：T1好了
          < T1 完成
          [@李雷] T1 完成
        林工：T1 完成，截图 https://x.example/1
          < T1 早已完成，凭证补上了：https://x.example/1
        林工：T1 完成
          < T1 已经完成了
        """,
    )


async def three_at_once(room: Room) -> None:
    """#1 rashes, #2 a lorry that hit somebody, #3 wages."""
    await room.hear_of(
        "宝宝喝了晨露奶粉MA0423批次，身上起疹子",
        "晨露奶粉MA0423批次，我家孩子喝了也起疹子",
        "晨露奶粉MA0423，孩子喝了起疹子，客服不理",
    )
    await room.hear_of(
        "晨露冷链车在城东撞了人，司机下车就骂人",
        "晨露乳业的冷链车撞人还逃逸，伤者骨折了",
        "晨露冷链车撞了骑电动车的老人，现场视频",
    )
    await room.hear_of(
        "晨露乳业拖欠工资两个月，仓库员工没钱过年", "晨露仓库工人讨薪，说工资拖了两个月", "晨露乳业欠薪，仓库的兄弟们都没发工资"
    )
    room.ignore()


async def test_a_bare_stop_calls_off_what_waits_for_ones_own_word(room: Room) -> None:
    await three_at_once(room)
    await story(
        room,
        """
        李雷：3并到2
          < #3
          < 2分钟内按「确认」或回：确认
        王磊：取消
        李雷：取消
          < 好，不做了：#3
        李雷：确认
          < 没有等你确认的事，或已过时
        李雷：取消
        """,
    )
    assert room.incident(3).merged_into is None


async def test_a_stop_calls_off_what_was_put_before_the_commander(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await room.say("定级 #1 红 有人住院", by="张敏")
    room.ignore()
    await story(
        room,
        """
        张敏：算了
          < 好，不做了：#1
        陈总（私）：确认
          < 没有等你确认的事，或已过时
        +16分
          [@张敏] 再提醒：请电话陈总
        """,
    )
    assert room.incident().grade is Grade.ORANGE


async def test_several_numbers_are_several_claims(room: Room) -> None:
    await three_at_once(room)
    await story(
        room,
        """
        李雷：认领 #1
          < #1 归李雷
        王磊：我来认领 #2 和 #3
          < 1✓#2 归王磊
          < 2✓#3 归王磊
        小刘：#2 #3都归我
          < 1✗王磊先认领了
          < 2– 没做
        张敏：状态 #1 #2
          < 1✓#1
          < 2✓#2
        """,
    )


async def test_an_assignment_gives_each_number_its_own_people_or_asks(room: Room) -> None:
    await three_at_once(room)
    await story(
        room,
        """
        张敏：#1给林工，#2给小刘
          < 1✓#1 归林工（张敏指派）
          < 2✓#2 归小刘（张敏指派）
          [@林工] #1
          [@小刘] #2
        张敏：指派 #1 #2 @王磊
          < 一行里有#1、#2，没有做。请一件一行分开发
        张敏：静音 #1 #2
          < 一行里有#1、#2，没有做
        """,
    )
    assert (room.incident(1).owner, room.incident(2).owner, room.incident(1).helpers) == ("林工", "小刘", ())


async def test_a_refusal_within_several_commands_is_logged_too(room: Room) -> None:
    await room.open_incident(owner="李雷")
    said = await room.say("状态 #1，定级 #1 橙 有媒体在问", by="小刘")
    assert "2✗你（客服）不能定级 #1" in said, said
    assert [s.to for s in room.ignore() if "小刘想请你" in s.text] == ["@张敏"]
    rows = room.db.conn.execute("SELECT count(*) FROM log WHERE verb = 'refused' AND by = '小刘'").fetchone()
    assert rows[0] == 1


async def test_a_matter_is_found_by_what_people_call_it(room: Room) -> None:
    await three_at_once(room)
    await story(
        room,
        """
        李雷：撞人那个怎么样了
          < #2 晨露
        张敏：欠薪那件谁在管
          < #3
        张敏：股价那件谁在管
          < 没有未结的事件提到「股价
        """,
    )


async def test_a_lower_grade_while_it_is_watched_starts_no_clock(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await room.say("决策 #1 不发声", by="陈总")
    await room.say("跟踪 #1", by="李雷")
    room.ignore()
    await story(
        room,
        """
        陈总：定级 #1 黄 已查清
          < #1 由橙降为黄：已查清
        陈总：确认
          < #1 定黄（陈总）。下一步：恢复处置
          [@小刘] T2 联系家属 不用做了
          [@林工] T1 封存留样 不用做了
        +25时
        李雷：状态 #1
          < 🟡黄 跟踪中，李雷
        """,
    )


async def test_a_quote_without_a_message_number_is_one_fact_too(room: Room) -> None:
    await room.open_incident(owner="李雷")
    words = "监控显示是顾客自己带的"
    first = await room.say("记", by="小刘", quote=words, quote_by="李雷")
    second = await room.say("记", by="王磊", quote=words, quote_by="李雷")
    room.ignore()
    assert first.startswith("F1 待核实（李雷，转录）")
    assert second == "已记为F1"


async def test_a_leave_may_name_its_person_first_and_says_who_is_missed(room: Room) -> None:
    await story(
        room,
        """
        王磊：值班 王磊 请假 明天到后天 苏琴代
          < 王磊 12-04 00:00–12-06 00:00 不在，苏琴代
          [@苏琴] 由你代（公关）
        王磊：值班 王磊 销假
          < 王磊 已销假
        陈总：值班 请假 明天
          < 不在，没有代理，那时没有别的指挥，请加上：某人代
        """,
    )


async def test_a_bare_word_of_taking_takes_the_only_task_that_waits(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        李雷：任务 #1 @小刘 18点前 阻断 联系家属
          < T1 联系家属 小刘 18:00，阻断。等小刘接
          [@小刘] T1 交给你
        小刘：接
          < T1 已接：联系家属
          [@李雷] T1 小刘已接
        小刘：接
          < 交给的是李雷
        李雷：任务 #1 @苏琴 18点前 拟问答
          < T2
          [@苏琴] T2 交给你
        李雷：任务 #1 @苏琴 19点前 约媒体
          < T3
          [@苏琴] T3 交给你
        苏琴（私）：接
          < 接哪一个？T2 拟问答｜T3 约媒体
          < 请带编号，如：接 T2
        """,
    )


async def test_what_is_said_with_a_report_stands_in_the_brief(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        小刘：上报 @陈总 #1 记者来电
          < #1 已报陈总（私信✓）：记者来电
          [@陈总] 上报：记者来电（小刘）
        李雷：研判 #1 服务投诉
          < #1 研判
        李雷：上报 #1 给陈总
          < #1 已报陈总
          [@陈总] 未知：是否属实
        """,
    )


async def test_the_daily_summary_says_when_a_source_was_not_seen(room: Room) -> None:
    def stands(name: str, health: str) -> None:
        room.store.run_now(lambda db: sources.save(db, name, room.clock(), health=health, memory={}))

    for name in ("微博", "论坛", "公众号"):
        stands(name, "ok")
    await room.later(hours=1)
    stands("微博", "failing")
    await room.later(minutes=30)
    stands("微博", "ok")
    await room.later(hours=1)
    stands("论坛", "stale")
    await story(
        room,
        """
        张敏：日报
          < 昨日无新增
          < 2个信源正常，微博缺 10:48–11:18，论坛 12:18 起看不见
        +12时
        陈总：日报
          < 2个信源正常，微博缺 12-03 10:48–11:18，论坛 12-03 12:18 起看不见
        +12时
        张敏：日报
          < 2个信源正常，论坛 12-03 12:18 起看不见
        """,
    )


async def test_a_chain_with_nobody_left_says_so_once(room: Room) -> None:
    await room.open_incident(owner="陈总", grade="黄", state="active")
    await room.say("照报 #1", by="陈总")
    room.ignore()
    await room.later(hours=23, minutes=50)
    room.ignore()
    await room.say("照报 #1", by="陈总")
    room.ignore()
    everybody = "首次发声超时，升级链已走完，请李雷、张敏、王磊、陈总处理"
    await story(
        room,
        f"""
        李雷：状态 #1
          < 🟡黄 处置中，陈总
        +11分
          [@李雷] {everybody}
          [@张敏] {everybody}
          [@王磊] {everybody}
          [@陈总] {everybody}
          [危机室] {everybody}
        陈总：决策 #1 先查来源
          < J1
        +11时
        """,
    )
    assert not [s for s in room.said if "上报超时" in s.text], "a commander who owns it was reported to"


async def test_the_same_content_after_a_false_alarm_alerts_only_at_a_higher_grade(room: Room) -> None:
    await room.open_incident()
    await story(
        room,
        """
        张敏：误报 #1 同名餐馆
          < 判为误报
        张敏：确认
          < #1 已结案
        +1时
        """,
    )
    await room.hear_of("晨露乳业的牛奶里喝出异物，真恶心", "晨露牛奶异物，客服推诿，差评", "投诉晨露牛奶里有异物，没人处理")
    room.expect()
    await room.later(minutes=10)
    await room.hear_of("市监局约谈晨露乳业，牛奶里有异物", "晨露牛奶异物，孩子喝了住院")
    (alert,) = [s for s in room.ignore() if s.kind == "alert" and s.to == "危机室"]
    assert "🟠橙" in alert.text
    assert "同一话题的 #1 已结案；要接着办请回「重开 #1」" in alert.text


async def test_a_new_alert_does_not_name_a_closed_matter_that_is_confidential(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="蓝")
    for line, by in (("跟踪 #1", "张敏"), ("保密 #1", "何静")):
        await room.say(line, by=by)
    await room.later(hours=13)
    await room.say("结案 #1 已解决", by="李雷", room="@李雷")
    await room.say("确认", by="李雷", room="@李雷")
    room.ignore()
    assert not room.incident().open
    await room.hear_of("市监局约谈晨露乳业，牛奶里有异物", "晨露牛奶异物，孩子喝了住院", "晨露牛奶里喝出异物，太恶心")
    alerts = [s for s in room.ignore() if s.kind == "alert"]
    assert alerts
    assert not [s for s in alerts if "#1" in s.text]


async def test_a_commander_says_no_in_his_own_words_and_a_bare_yes_sets_no_red(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙")
    await room.say("定级 #1 红 住院三人", by="张敏")
    room.ignore()
    await story(
        room,
        """
        陈总（私）：好的
        陈总（私）：同意
          < #1 晨露乳业的牛奶里喝出异物 定红级：要办请回「确认 张敏」，不办回「确认 退回 张敏」
        陈总（私）：不同意
          < 已退回，张敏会看到
          [危机室] 陈总退回：#1 晨露乳业的牛奶里喝出异物 定红级
        陈总（私）：确认
          < 没有等你确认的事
        """,
    )
    assert room.incident().grade is Grade.ORANGE


async def test_a_receipt_may_be_short_or_a_name(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        何静：已报 #1 公安 回执 88
          < #1 已记：公安 回执 88
        张敏：状态 #1
          < 🟠橙
        何静：起点改 #1 食安 09:40 林工可证
          < 食安2小时 11:40 到期
          [@何静] 【报告表】
        何静：已报 #1 食安
          < 请带回执号
        何静：已报 #1 食安 接报人 马科长 工号012
          < 食安2小时：已报
        """,
    )
    assert "有回执号请补" not in await room.say("已报 #1 公安 回执 88", by="何静")


async def test_help_offers_nobody_what_the_table_forbids(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        苏琴：帮助
          < 你现在可用：任务。例：任务 #1
          < 任务：派一件事
          < 起草：写一份稿
        张敏：帮助
          < 定级：确认级别
        小刘：帮助 定级
          < 定级：确认级别
        """,
    )
    for who, never in (("苏琴", ("定级：", "结案：")), ("小刘", ("定级：", "起草：", "结案："))):
        said = await room.say("帮助", by=who)
        assert not [word for word in never if f"\n{word}" in said], said
    assert "\n定级：" in await room.say("帮助", by="李雷")


async def test_a_bare_word_of_confirming_names_the_code_that_is_needed(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await room.say("起点改 #1 食安 09:40 林工可证", by="何静")
    asked = await room.say("免报 #1 食安 已由总部代报", by="何静")
    room.ignore()
    code = asked.rpartition("确认 ")[2].strip()[:4]
    await story(
        room,
        f"""
        何静：确认
          < 请带上码，回：确认 {code}
        李雷：确认
          < 没有等你确认的事
        何静：确认 {code}
          < #1 食安2小时：免报
        """,
    )


async def test_a_title_from_an_earlier_batch_keeps_its_letters_too(room: Room) -> None:
    first = "晨露奶粉同批次ＭＡ0423：孩子喝了起疹子"
    later = ("晨露奶粉MA0423，我家孩子喝了也起疹子", "宝宝喝了晨露奶粉MA0423，起疹子了", "晨露奶粉批次ma0423，孩子喝了起疹子")
    await room.hear_of(first)
    await room.hear_of(*later)
    room.ignore()
    title = room.incident().title
    assert title
    assert any(title in words for words in (first, *later)), title
    assert title[:8] in await room.say("列表", by="李雷")
