"""Talk about 速报: filled in, sent, unanswered."""

from __future__ import annotations

from tests.conftest import Room
from tests.stories import story


async def test_the_owner_gets_it_filled_in_and_sends_it_with_one_press(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        +12时
          [@李雷] 请看：
          [@张敏] #1 晨露乳业的牛奶里喝出异物：上报超时，请张敏处理
          [危机室] #1 晨露乳业的牛奶里喝出异物：上报超时，请张敏处理
          [@王磊] #1 晨露乳业的牛奶里喝出异物：上报超时1时，请王磊处理
          [危机室] #1 晨露乳业的牛奶里喝出异物：上报超时1时，请王磊处理
          [@李雷] 有3项到点：
          [@李雷] 速报1 #1 晨露乳业的牛奶里喝出异物：12-04 09:48 前发
        李雷按「发」
          < 【速报1】#1 晨露乳业的牛奶里喝出异物 黄 处置中 21:48
          < 情况：热度7，每小时0条，1个平台
          < 已做：无
          [危机室] 【速报1】#1 晨露乳业的牛奶里喝出异物 黄 处置中 21:48
        陈总：状态 #1
          < #1 晨露乳业的牛奶里喝出异物：🟡黄 处置中，李雷
        """,
    )


async def test_a_sentence_is_added(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        +12时
          [@李雷] 请看：
          [@张敏] #1 晨露乳业的牛奶里喝出异物：上报超时，请张敏处理
          [危机室] #1 晨露乳业的牛奶里喝出异物：上报超时，请张敏处理
          [@王磊] #1 晨露乳业的牛奶里喝出异物：上报超时1时，请王磊处理
          [危机室] #1 晨露乳业的牛奶里喝出异物：上报超时1时，请王磊处理
          [@李雷] 有3项到点：
          [@李雷] 速报1 #1 晨露乳业的牛奶里喝出异物：12-04 09:48 前发
        小刘：补一句 #1 已联系三位家属
          < #1 的速报由负责人李雷或值班长发
        李雷：补一句
          < 补什么？如：补一句 已联系三位家属
        李雷：补一句 #1 已联系三位家属
          < 【速报1】#1 晨露乳业的牛奶里喝出异物 黄 处置中 21:48
          < 补充：已联系三位家属
          < 下次速报：12-04 21:48
        """,
    )


async def test_no_change_may_be_said_twice_in_a_row(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        李雷：无变化 #1
          < 【速报1】#1 晨露乳业的牛奶里喝出异物 黄 处置中 09:48
          < 情况无变化
        张敏：无变化 #1
          < 【速报2】#1 晨露乳业的牛奶里喝出异物 黄 处置中 09:48
          < 情况无变化
        李雷：无变化 #1
          < #1 已连续两次无变化，这次要发全文：照报 #1，或：补一句 #1 …
        李雷：照报 #1
          < 【速报3】#1 晨露乳业的牛奶里喝出异物 黄 处置中 09:48
        李雷：无变化 #1
          < 【速报4】#1 晨露乳业的牛奶里喝出异物 黄 处置中 09:48
          < 情况无变化
        """,
    )


async def test_unanswered_it_posts_itself_and_the_next_level_is_called(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        +12时
          [@李雷] 请看：
          [@张敏] #1 晨露乳业的牛奶里喝出异物：上报超时，请张敏处理
          [危机室] #1 晨露乳业的牛奶里喝出异物：上报超时，请张敏处理
          [@王磊] #1 晨露乳业的牛奶里喝出异物：上报超时1时，请王磊处理
          [危机室] #1 晨露乳业的牛奶里喝出异物：上报超时1时，请王磊处理
          [@李雷] 有3项到点：
          [@李雷] 速报1 #1 晨露乳业的牛奶里喝出异物：12-04 09:48 前发
        +12时
          [危机室] 【速报1】#1 晨露乳业的牛奶里喝出异物 黄 处置中 09:48（自动，未经确认）
          [@张敏] #1 晨露乳业的牛奶里喝出异物：首次发声、速报超时，请张敏处理
          [危机室] #1 晨露乳业的牛奶里喝出异物：首次发声、速报超时，请张敏处理
        +12时
          [@李雷] 速报2 #1 晨露乳业的牛奶里喝出异物：12-05 09:48 前发
          [@王磊] #1 晨露乳业的牛奶里喝出异物：首次发声、速报超时12时，请王磊处理
          [危机室] #1 晨露乳业的牛奶里喝出异物：首次发声、速报超时12时，请王磊处理
        李雷：照报 #1
          < 【速报2】#1 晨露乳业的牛奶里喝出异物 黄 处置中 21:48
        """,
    )


async def test_only_owner_duty_and_commander_send_it(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        小刘：照报 #1
          < #1 的速报由负责人李雷或值班长发
        王磊：无变化 #1
          < #1 的速报由负责人李雷或值班长发
        张敏：照报 #1
          < 【速报1】#1 晨露乳业的牛奶里喝出异物 黄 处置中 09:48
        """,
    )


async def test_leaders_get_it_at_orange(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="橙", state="active")
    await story(
        room,
        """
        张敏：照报 #1
          < 【速报1】#1 晨露乳业的牛奶里喝出异物 橙 处置中 09:48
          [@陈总] 【领导简报】#1 晨露乳业的牛奶里喝出异物｜🟠橙↑｜09:48
        陈总（私）：已阅 #1
          < #1 已记下您已阅
        李雷：无变化 #1
          < 【速报2】#1 晨露乳业的牛奶里喝出异物 橙 处置中 09:48
          < 情况无变化
          [@陈总] 【领导简报】#1 晨露乳业的牛奶里喝出异物｜🟠橙↑｜09:48
        陈总（私）：已阅 #1
          < #1 已记下您已阅
        """,
    )


async def test_update_reminders_go_on_until_the_incident_is_calm(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        张敏：决策 #1 先下架再查
          < J1 张敏：先下架再查
        +12时
          [@李雷] 请看：
          [@张敏] #1 晨露乳业的牛奶里喝出异物：上报超时，请张敏处理
          [危机室] #1 晨露乳业的牛奶里喝出异物：上报超时，请张敏处理
          [@王磊] #1 晨露乳业的牛奶里喝出异物：上报超时1时，请王磊处理
          [危机室] #1 晨露乳业的牛奶里喝出异物：上报超时1时，请王磊处理
          [@李雷] 有3项到点：
          [@李雷] 速报1 #1 晨露乳业的牛奶里喝出异物：12-04 09:48 前发
        李雷按「无变化」
          < 【速报1】#1 晨露乳业的牛奶里喝出异物 黄 处置中 21:48
          < 情况无变化
          [危机室] 【速报1】#1 晨露乳业的牛奶里喝出异物 黄 处置中 21:48
        +12时
          [@张敏] #1 晨露乳业的牛奶里喝出异物：首次发声超时，请张敏处理
          [危机室] #1 晨露乳业的牛奶里喝出异物：首次发声超时，请张敏处理
          [@李雷] 速报2 #1 晨露乳业的牛奶里喝出异物：21:48 前发
        李雷按「无变化」
          < 【速报2】#1 晨露乳业的牛奶里喝出异物 黄 处置中 09:48
          < 情况无变化
          [危机室] 【速报2】#1 晨露乳业的牛奶里喝出异物 黄 处置中 09:48
        李雷：跟踪 #1
          < #1 跟踪中：热度2。静默24小时，到12-05 09:48，新A级信源即叫醒
        +23时
        """,
    )


async def test_what_was_done_since_it_was_asked_stands_in_it(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await room.say("任务 #1 @小刘 16小时内 联系家属", by="李雷")
    await room.later(hours=12)
    (asked,) = [s for s in room.ignore() if s.text.startswith("速报1")]
    assert "联系家属（小刘）" in asked.text
    await story(
        room,
        """
        小刘：T1 完成
          < T1 完成
          [@李雷] T1 完成
        +12时
          [危机室] 已做：联系家属
          [@张敏] 首次发声、速报超时
          [危机室] 首次发声、速报超时
        李雷：状态 #1
          < 🟡黄 处置中
        """,
    )
