"""What counts as a grave matter, and what only sounds like one. All companies are invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.numerals import read_number
from bot.analysis.text import clean
from bot.analysis.triggers import FLOORS, claims, of_fact
from bot.model.grade import Grade
from bot.model.mention import Tier

OURS = ("晨露乳业", "晨露", "云栈出行", "云栈", "榕川科技", "榕川", "恒启物流", "恒启", "青禾政采网", "青禾")

GRAVE = """
illness minors|我家宝宝喝了晨露奶粉MA0423批次，全身起皮疹，已经去医院
illness minors|同批次MA0423，我家老二也起疹子了，八个月大
illness minors|儿童医院收治一名婴儿，留院观察，情况稳定
illness minors|孩子喝了他家牛奶拉肚子
illness|喝了晨露酸奶后全家上吐下泻
illness|晨露食堂发生食物中毒，二十多人送医
illness minors|某小学三十名学生午餐后呕吐腹泻，牛奶是晨露的
illness|用了晨露的护肤小样，我妈脸上过敏红肿
illness|吃了晨露的奶酪进了急诊
illness|昨晚喝完晨露的奶，我老公食物中毒洗胃
injury|恒启物流分拣线夹伤工人手臂
injury|云栈的车追尾，两名乘客受伤
injury|晨露玻璃瓶突然爆炸，我手上缝了五针
injury minors|云栈专车急刹，孩子被撞伤额头
injury|恒启仓库货架坍塌
injury|恒启叉车事故，司机小腿骨折
death|恒启物流一名司机在仓库猝死
death|恒启物流仓库事故致3人死亡
death|云栈司机疲劳驾驶，乘客当场身亡
death|榕川科技一员工加班后抢救无效离世
death|恒启的车在高速上撞死了人
death|榕川科技员工坠亡
death minors|晨露奶粉喝死了婴儿
personal_data|云栈出行用户数据疑似泄露，安全博主验证三条样本属实
personal_data|云栈泄露了我的手机号，今天接到五个诈骗电话
personal_data|网传云栈出行身份证也泄露了
personal_data|有人在论坛打包卖云栈的乘客数据
personal_data|青禾后台被拖库，供应商信息流出
personal_data personal_data_million|selling 1.2m riders database of yunzhan, sample inside
personal_data personal_data_million|云栈出行确认118万条用户记录外泄
personal_data personal_data_million|云栈泄露1 180 000条记录，含姓名和手机号
personal_data personal_data_million|暗网出现云栈120w用户数据
personal_data personal_data_million|云栈两百多万用户信息被卖
personal_data|云栈30万条订单数据在暗网出售
authority|市场监管局来电询问MA0423批次情况
authority|晨露乳业被市场监管局约谈
authority|网信办就云栈数据问题立案调查
authority|派出所民警已到恒启仓库门口了解情况
authority|榕川科技收到交易所问询函
authority|劳动监察大队介入恒启欠薪一事
authority|执法人员查封了晨露的一个仓库
authority|晨露因标签问题被市监局罚款
authority|人社局要求恒启提交说明
authority illegal_content|警方已对青禾网站被黑一事立案侦查
authority|药监局对晨露突击检查
unrest|恒启物流东区仓库的工友约好今天16点到门口聚集讨薪
unrest|恒启物流仓库打砸视频流出
unrest|恒启司机罢工，车辆停在门口
unrest|员工扬言要砸了恒启的仓库
unrest|几十名工人在恒启门口拉横幅
unrest|供应商堵住晨露工厂大门
unrest|业主明天去榕川总部讨说法
unrest|有人持刀闯进恒启网点
unrest|云栈司机集体停运抗议抽成
unrest|有人在评论里说要炸了你们公司
recall|晨露乳业宣布召回MA0423批次奶粉
recall|晨露启动召回
recall|晨露发布召回公告，涉及两个批次
recall|榕川正在召回3000台充电器
authority recall|晨露被责令召回全部问题批次
abnormal_trading|榕川科技股价午后闪崩跌停
abnormal_trading|榕川科技发布股票交易异常波动公告
abnormal_trading|榕川科技开盘大跌，一度跌超9%
abnormal_trading|榕川科技紧急停牌
illegal_content|青禾政采网首页出现境外标语，疑似被黑
illegal_content|青禾官网被篡改，挂着外文口号
illegal_content|青禾政采网打开全是博彩广告，网站变成赌博页面
illegal_content|榕川公众号被挂了反动内容
illegal_content|云栈app弹出色情图片
outage|青禾政采网502打不开，已经40分钟了
outage|青禾网站瘫痪一上午了还没人管
outage|云栈崩了两个小时，打不到车
outage|云栈app登不上半个多小时了
outage|青禾从早上到现在无法登录，整整三小时
outage|榕川云服务宕机几个小时
executive_detained authority|榕川科技副总裁今早被警方带走调查
executive_detained|榕川科技董事长因涉嫌内幕交易被刑事拘留
executive_detained|恒启物流实际控制人被批捕
executive_detained|晨露总经理被留置
"""

HARMLESS = """
笑死我了，晨露这个广告太好笑
气死了，客服推诿
快递员说饿死了
手机死机三次，客服不管
双十一杀价杀到手软
云栈堵车堵死我了，累死
想死的心都有了，云栈又加价
榕川新机卡死，重启就好
晨露没有造成人员死亡
晨露并未召回任何产品
晨露称未收到监管部门的通知
检测显示晨露奶粉未导致任何婴儿不适
云栈没有泄露任何用户数据
青禾官网没有被黑
现场没有发生聚集，秩序正常
恒启司机没有罢工
希望晨露尽快召回这批奶粉
强烈要求晨露召回
建议市场监管局查一查晨露
我要去12315投诉晨露
要是出了人命怎么办
再不管就要出人命了
万一孩子喝了过敏怎么办
晨露会召回吗？
云栈会不会泄露我们的手机号
担心云栈把我的信息泄露出去
当年三鹿奶粉致婴儿死亡，大家还记得吗
隔壁品牌召回了
去年某品牌奶粉致多名婴儿肾结石
友商的服务器瘫痪了一整天
小说里男主被警方带走了
昨晚追剧，剧情里董事长被警察带走
梦见自己被警察抓了，醒来喝了杯晨露
游戏里又被砍死，副本太难
晨露乳业被曝有人喝死，系谣言
官方辟谣：云栈用户数据泄露不属实
网传恒启工人罢工是旧视频
产业聚集效应明显，恒启新仓落地
这里是美食聚集地
召回师峡谷又开黑了，榕川手机不错
榕川召回老员工，待遇翻倍
我对海鲜过敏，晨露的酸奶倒没事
晨露这款适合过敏体质
牛奶里喝出异物，恶心
客服推诿，异物照片都不看
榕川新手机发烧友必入
这价格真是跳楼价
网站崩了5分钟就好了
云栈刚才卡了一下，十分钟后恢复
大盘今天跌停一片，跑了
口味爆炸好喝，晨露yyds
评论区炸锅了
这首歌太有感染力
喝了这么多年晨露，真的放心
警方提醒：谨防冒充云栈客服的诈骗电话
晨露向灾区捐赠10万箱牛奶
恒启拖欠两个月工资，十一名同事都证实了
榕川副总裁说嫌累可以走
晨露最近又有代言人了
青禾招标公告更新了
"""


def found(text: str, tier: Tier | None = None) -> set[str]:
    return {claim.kind for claim in claims(clean(text), tier=tier, ours=OURS)}


@pytest.mark.parametrize("line", GRAVE.strip().splitlines())
def test_a_grave_matter_is_read(line: str) -> None:
    kinds, text = line.split("|", 1)

    assert found(text) == set(kinds.split())


@pytest.mark.parametrize("text", HARMLESS.strip().splitlines())
def test_what_only_sounds_grave_is_not(text: str) -> None:
    assert found(text) == set()


def test_every_trigger_of_the_handbook_has_its_floor() -> None:
    red = {"death", "personal_data_million", "illegal_content", "executive_detained"}

    assert {kind for kind, floor in FLOORS.items() if floor.grade is Grade.RED} == red
    assert {kind for kind, floor in FLOORS.items() if floor.grade is Grade.YELLOW} == {"outage"}
    assert {kind for kind, floor in FLOORS.items() if floor.immediate} == {"authority", "unrest", "illegal_content"}
    assert len(FLOORS) == 13


def test_a_claim_is_credible_when_it_says_who_and_what() -> None:
    told = claims(clean("我家宝宝喝了晨露奶粉MA0423，起皮疹"), tier=Tier.C, ours=OURS)
    vague = claims(clean("喝了会上吐下泻，喝出食物中毒"), tier=Tier.C, ours=OURS)

    assert [claim.credible for claim in told] == [True, True]
    assert [claim.credible for claim in vague] == [False]


def test_hearsay_needs_more_to_be_credible() -> None:
    assert not claims(clean("听说晨露喝死了婴儿"), tier=Tier.C, ours=OURS)[0].credible
    assert claims(clean("听说昨天上海有婴儿喝晨露奶粉起皮疹"), tier=Tier.C, ours=OURS)[0].credible


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        ("death", "昨天晨露三厂门口死人了"),
        ("death", "送来一个云栈司机，没救回来"),
        ("injury", "云栈司机急刹，后排大姐磕断两颗门牙"),
        ("injury", "榕川平板烧起来，我室友手背起了一片水泡"),
        ("illness", "晨露课间奶喝完以后班里好几个人肚子疼"),
        ("personal_data", "登录我的榕川账号看到的全是陌生人的照片"),
        ("personal_data", "恒启面单信息被内鬼打包卖了"),
        ("authority", "市场监管所刚从晨露三厂搬走了好几箱样品"),
        ("unrest", "后天恒启司机都不接单，看他们怎么办"),
        ("unrest", "恒启司机把车横在大门口，不给油补就不走"),
        ("unrest", "司机群里有人说再不结账就炸了恒启仓库"),
        ("recall", "晨露的奶全下架了，店员说是厂家通知召回"),
        ("authority", "云栈因未按规定报送数据被交通运输局罚了五十万"),
        ("injury", "恒启流水线卷走了他两根手指"),
        ("illness", "婆婆吃了晨露的奶酪，脸肿得睁不开眼，挂了急诊"),
        ("unrest", "晨露经销商在总部大厅打地铺，不退保证金不走"),
        ("outage", "青禾平台从周五晚上到现在一直报错"),
        ("illness", "晨露工厂几十号工人中毒送医"),
        ("death injury", "恒启货车事故造成二死五伤"),
        ("unrest", "晨露的保安打人了"),
        ("", "云栈司机救下轻生女子，网友点赞"),
        ("", "晨露这广告笑死人了"),
        ("", "榕川科技股价下跌3%"),
        ("abnormal_trading", "榕川科技股价下跌8%"),
        ("", "晨露的奶皮子好吃到我原地去世"),
        ("death", "殡仪馆那边的亲戚说，今早拉走的就是恒启那个搬运工"),
        ("illness", "喝了晨露早餐奶，开会开到一半冲去厕所"),
        ("personal_data", "有人在群里出晨露会员数据，带电话，五毛一条"),
        ("authority", "恒启因超载被交警扣了十一台车"),
        ("authority", "早上七点多，经侦的人进了榕川总部十六楼"),
        ("unrest", "恒启东莞仓三百多号人今天没上工，都站在操场上"),
        ("unrest", "被欠薪的保洁爬上榕川大厦天台"),
        ("illegal_content", "青禾政采网公告栏里混进了几条境外政治口号"),
        ("executive_detained", "内部人士：恒启老板娘上周进去了"),
        ("", "榕川员工在园区草坪集合拍年会合影"),
        ("", "粉丝围堵榕川代言人，现场保安维持秩序"),
        ("abnormal_trading", "晨露乳业公告前一天成交额放大七倍"),
        ("executive_detained", "恒启老总在机场被边控"),
        ("", "网友：差点以为云栈要出人命"),
        ("", "今天相机罢工，没拍到榕川发布会"),
        ("", "晨露总裁被抓拍到在路边摊喝豆浆"),
        ("", "再不退钱我们就去晨露总部拉横幅"),
    ],
)
def test_everyday_words_for_grave_matters(kinds: str, text: str) -> None:
    assert found(text) == set(kinds.split())


@pytest.mark.parametrize(
    "text",
    [
        "听说晨露喝死人了，真的假的",
        "昨晚云栈是不是出人命了？有知情的吗",
        "网传昨天上海的晨露工厂死人了，真的吗？",
        "有没有人知道昨天恒启是不是真的死了人",
        "晨露死人了吗",
        "不会是晨露死人了吧",
    ],
)
def test_who_asks_whether_it_is_true_makes_a_claim_that_is_not_credible(text: str) -> None:
    (claim,) = claims(clean(text), tier=Tier.B, ours=OURS)

    assert claim.kind == "death"
    assert not claim.credible


def test_who_asks_of_what_would_fire_at_once_fires_nothing() -> None:
    assert not found("听说云栈司机要罢工，真的假的")
    assert not found("晨露奶粉真的会导致过敏吗？")


def test_a_source_of_tier_d_is_never_credible() -> None:
    text = clean("selling 1.2m riders database of 云栈, today")

    assert not any(claim.credible for claim in claims(text, tier=Tier.D, ours=OURS))


def test_immediate_ones_and_their_passage_are_marked() -> None:
    (claim,) = claims(clean("听我说。恒启司机罢工，车停在东门。散了"), tier=None, ours=OURS)

    assert claim.immediate
    assert claim.floor is Grade.ORANGE
    assert claim.words == "恒启司机罢工,车停在东门"


def test_trading_of_others_is_not_ours() -> None:
    assert found("某股跌停") == set()
    assert claims(clean("股价跌停"), tier=None, ours=()) == ()


@pytest.mark.parametrize(
    ("fact", "kinds"),
    [
        ("儿童医院：一名婴儿留院观察，情况稳定", {"illness", "minors"}),
        ("涉及118万条用户记录，含姓名、手机号，不含支付数据", {"personal_data", "personal_data_million"}),
        ("1 180 000 records, names, phones, no payment data", {"personal_data", "personal_data_million"}),
        ("日志显示只有3287条记录被访问", {"personal_data"}),
        ("市场监管局15点来电询问批次", {"authority"}),
        ("批次MA0423检测合格，未发现致病菌", set()),
        ("拖欠214名工人工资230万元，承包商违约", set()),
        ("网站已恢复，备份时间为7小时前", set()),
        ("伤者两名，已送医，无生命危险", {"injury", "illness"}),
        ("确认无人员伤亡", set()),
        ("去年11月已召回同批次产品", {"recall"}),
    ],
)
def test_a_confirmed_fact_asserts_what_it_says(fact: str, kinds: set[str]) -> None:
    assert set(of_fact(fact)) == kinds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("118万", 1_180_000),
        ("1.2m", 1_200_000),
        ("1,180,000", 1_180_000),
        ("1 180 000 records", 1_180_000),
        ("一百一十八万", 1_180_000),
        ("上百万", 1_000_000),
        ("两千万", 20_000_000),
        ("3亿", 300_000_000),
        ("120w", 1_200_000),
        ("1.2 million riders", 1_200_000),
        ("二〇二四", 2024),
        ("一万二千", 12_000),
        ("5千万", 50_000_000),
        ("没有数", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: float | None) -> None:
    assert read_number(text) == value


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert all(claim.kind in FLOORS for claim in claims(clean(text), tier=None, ours=OURS))
    assert set(of_fact(text)) <= set(FLOORS)


DRILLS = """
illness minors|有妈妈晒出宝宝红疹照片，奶粉是晨露的，批次MA0423
illness minors|我家也是MA0423，孩子喝了两天脸上全是疹子
authority|市场监管局打来电话，询问晨露奶粉批次
illness minors|儿童医院回应：一名婴儿留院观察，目前平稳
personal_data personal_data_million|海外论坛出售120万骑手数据样本，来自云栈
personal_data|安全博主：云栈泄露的样本里三条比对属实
personal_data personal_data_million|it安全组：共118万条记录外泄，含姓名、手机号，无支付数据
personal_data|网传云栈身份证信息也外泄
|榕川副总裁视频：嫌累可以走
unrest|恒启工人说好16点在仓库门口集合讨说法
unrest|恒启物流仓库工人打砸的视频
|恒启两个月没发工资了，十一名同事都能作证
illegal_content|青禾政采网页面出现境外标语
outage|青禾政采网502，打不开快一个小时了
"""


@pytest.mark.parametrize("line", DRILLS.strip().splitlines())
def test_the_drills_of_the_handbook_are_read_as_they_expect(line: str) -> None:
    kinds, text = line.split("|", 1)

    assert found(text) == set(kinds.split())


def test_harm_to_an_infant_with_a_batch_number_is_credible_at_once() -> None:
    told = claims(clean("有妈妈晒出宝宝红疹照片，奶粉是晨露的，批次MA0423"), tier=Tier.C, ours=OURS)

    assert {claim.kind for claim in told if claim.credible} == {"illness", "minors"}
    assert not any(claim.immediate for claim in told)


ROUNDABOUT = """
death|恒启的装卸工中午还在群里说话，晚上家里就在商量办后事了
death|殡仪馆通知我去认人，我弟跑的就是恒启那条线
death|家里给他设了灵堂，单位还是榕川，没有一个领导来
death|奶奶用榕川电暖器取暖，邻居发现的时候身体都凉了
death|云栈司机在车里睡着，再也没醒过来
death|我爸坐云栈出的事，连最后一面都没见到
death|恒启老张倒在分拣线旁，医生说没救活
death|云栈那趟车四个人只回来一个
death|恒启货车侧翻，经核查司机未系安全带，当场身亡
authority|经查，晨露未按规定标注，被市场监管局罚款五十万
injury|恒启卸货的同事小腿保不住了
injury|榕川显示器炸了，碎片崩进我左眼里
injury|在恒启仓库被货架砸到，我叔昏迷到现在
injury|云栈追尾，我妈被救护车拉走
injury|恒启叉车压过师傅的脚，骨头全碎了
injury|榕川暖手宝漏了，开水浇了我一腿
illness|喝了晨露的奶，蹲在厕所直不起腰
illness|用了晨露的面膜，整张脸烂了，皮肤科说是激素
illness minors|宝宝喝晨露拉绿水，人都蔫了
personal_data|中介张口报出我的全名和住址，我只在恒启寄过东西
personal_data|榕川门铃被人黑了，有人在里面跟孩子说话
personal_data|同学在网盘翻到一个压缩包，里面全是青禾专家的身份证
personal_data|云栈把我的手机号给了司机，他半夜打过来骂人
authority|晨露大门上是市监的封条
authority|消防让恒启停业整顿
authority|质监的人来晨露，把这批酸奶收走化验
unrest|恒启司机今天一单都不送，在等工资
unrest|晨露奶农把牛奶倒在厂门口
unrest|司机群在接龙，周一一起停运
unrest|恒启那个被辞退的说，大不了同归于尽
recall|厂家通知门店把晨露那几批撤柜
recall|晨露短信叫大家别喝了，拿罐子来退款
abnormal_trading|榕川科技开盘就被封死在地板上，几十万手封单
illegal_content|青禾首页弹出一堆裸照
outage|青禾的投标系统一上午都在转圈
executive_detained|榕川老总在酒店被便衣按住
executive_detained|恒启副总被几个便衣领走了
"""

ONLY_ROUNDABOUT = """
喝杯晨露，笑到断气，这段子绝了
在榕川加班加到快猝死
云栈送来得及时，医生说再晚十分钟人就没了
榕川这价格把友商按在地板上摩擦
三十年前我爷爷在恒启的老厂里砸断过腿
追完那部悬疑剧，灵堂那场戏吓得我抱着晨露喝
骨灰级玩家推荐榕川手机
榕川后盖手一压会变形
晨露的可乐送到都没气儿了
恒启这个月司机没有一个人受伤，也没有被救护车拉走的
警察给云栈司机送来锦旗，他跳河救人
晨露：经核实，视频里住院的孩子未饮用我司产品
晨露临期的喝了会拉肚子不
要是恒启停业整顿，我的快递怎么办
榕川的瓶口贴着封条，拆开很麻烦
拼命地想抢榕川的券
晨露的奶倒在麦片里真好吃
在榕川商城退回了一件外套，全额退
拿着刀叉吃晨露奶酪
快递小哥就这么走了，连个招呼都没留下，恒启服务真差
同事走得太突然，辞职信都没写，榕川项目咋办
一家三口人只剩一瓶晨露分着喝
榕川手环的心跳监测停了
云栈的优惠活动被总部叫停了
大家约好周末去堵奶茶店，晨露联名太火
云栈司机把车停了，等总部发奖金，开心
榕川跟友商拼命了，价格战打响
青禾首页发布打击走私的通知
青禾官网显示彩票设备采购结果
榕川按摩仪按得我骨头都碎了，太舒服
榕川总裁被公安局领导接走去参加座谈
"""


@pytest.mark.parametrize("line", ROUNDABOUT.strip().splitlines())
def test_what_a_grave_matter_leaves_behind_tells_it(line: str) -> None:
    kinds, text = line.split("|", 1)

    assert found(text) == set(kinds.split())


@pytest.mark.parametrize("text", ONLY_ROUNDABOUT.strip().splitlines())
def test_the_same_words_in_another_frame_tell_nothing(text: str) -> None:
    assert found(text) == set()


def test_long_ago_is_no_assertion_but_today_is_when_both_are_named() -> None:
    assert found("五年前恒启仓库砸断过人腿") == set()
    assert found("他五年前进的恒启，今早在仓库被砸断了腿") == {"injury"}


def test_a_death_that_is_only_asked_about_in_a_group_is_not_credible() -> None:
    (claim,) = claims(clean("群里说恒启昨晚有人没救活？"), tier=Tier.C, ours=OURS)

    assert claim.kind == "death"
    assert not claim.credible
