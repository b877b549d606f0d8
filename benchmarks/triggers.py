"""How well grave matters are read, on sentences written without looking at the rules.

At first sight: ``FIRST`` precision .90, recall .73; ``SECOND``, written after ``FIRST`` had mended the rules, precision .95,
recall .82; ``THIRD`` to ``FIFTH``, harder (asked, denied, confirmed, a competitor's, drills) and each written after the one
before had mended the rules, .63/.73, .55/.67, .73/.73; then everyday words for the same matters, ``sixth`` (80 lines) .76/.45,
and roundabout ones, ``seventh`` (62) .75/.36 and ``eighth`` (40) .82/.32: those are read once in three, however much the rounds
before had mended. ``ninth`` and ``tenth`` (61 lines each, 41 matters), told by what they leave behind (a wreath on a desk, a
seal on a shutter, a stranger who knows the address): .44/.10, then, after ``ninth`` had mended the rules by class, .29/.05 for
``tenth``, whose writer had just read them and wrote around them. A grave matter told without any of its words is mostly missed
at first sight: no list ends. All have mended the rules since, so what this prints today says only that nothing was lost.

    python -m benchmarks.triggers

All companies are invented. A kind read that is not written before the bar counts against precision, one that is missing
against recall. A kind with ``?`` is only asked about (真的假的): it is read, but never as credible.
"""

from __future__ import annotations

from pathlib import Path

from bot.analysis.text import clean
from bot.analysis.triggers import claims

OURS = ("晨露乳业", "晨露", "云栈出行", "云栈", "榕川科技", "榕川", "恒启物流", "恒启", "青禾政采网", "青禾")
OTHERS = ("青岚", "飞驰出行")

FIRST = """
illness minors|女儿才一岁半，喝晨露的奶第三天开始全身长红疹，医生说像过敏
illness|一家三口吃完晨露的芝士片半夜轮流跑厕所，拉到脱水
illness|公司下午茶点的晨露酸奶，好几个同事都吐了，有人去了急诊
illness minors|幼儿园通报有孩子喝晨露牛奶后呕吐，已就医
injury|云栈网约车昨晚撞上护栏，乘客肋骨骨折
injury|榕川充电宝自燃，把我手烫伤了
injury|恒启快递员被掉落的包裹砸伤
death|恒启货车侧翻，司机不幸遇难
death|榕川程序员猝死在工位
death|家属称老人乘坐云栈途中突发疾病去世
personal_data|刚在云栈下完单就接到诈骗电话，连我的订单信息都知道，肯定是泄露了
personal_data|安全圈在传青禾的供应商资料被人拖库了
personal_data personal_data_million|黑客放话手里有云栈150万乘客资料，正在暗网兜售
personal_data personal_data_million|云栈承认约三百万用户信息外泄
authority|晨露工厂门口停了两辆执法车，说是市场监管来检查
authority|消息人士：网信办昨天约谈了云栈负责人
authority|证监会决定对榕川科技立案
authority|交警和派出所的人都到恒启仓库了
authority|恒启因欠薪被人社部门责令整改
unrest|恒启二号仓的人都不干活了，全体罢工
unrest|讨薪的工人把恒启门口围得水泄不通，还拉了白色横幅
unrest|微信群里在约周六去云栈总部楼下静坐
unrest|有司机说不给钱就砸车
recall|晨露今天下午宣布，将召回5月生产的全部酸奶
recall|榕川主动召回一批电源适配器
abnormal_trading|榕川科技盘中触及跌停，成交量放大五倍
abnormal_trading|榕川股价三天腰斩，发异动公告
illegal_content|打开青禾政采网居然是赌博网站
illegal_content|青禾首页被人换成了反动标语
outage|青禾从上午九点就进不去，快三个小时了，标书交不了
outage|云栈App瘫痪45分钟，司机乘客都急疯了
executive_detained|榕川副总裁涉嫌职务侵占被刑拘
executive_detained|传恒启老板昨晚被警察带走
|晨露新品好喝到爆炸
|等云栈等到天荒地老，冻死我了
|榕川这电池续航我服了，死活充不满
|云栈司机师傅送我去医院陪床，人特别好
|我在医院上班，食堂天天供应晨露
|孩子感冒好了，奖励一瓶晨露
|晨露通过了市场监管部门的年度评审
|榕川科技与公安部门合作反诈宣传
|恒启开展消防演练，模拟人员受伤救援
|晨露表示不存在召回的情况
|这谣言太离谱了，说晨露喝死人，警方都辟谣了
|如果再不发工资，我们就只能罢工了
|云栈要是泄露了我的信息我跟你们没完
|榕川今天涨停，爽
|大家聚集在晨露展台前试吃
|青禾系统升级，今晚停机维护十分钟
|看了个电影，一家奶粉公司的老板被抓，像极了现实
|国外有家乳企前年召回过同类产品
|希望监管部门好好管管云栈的乱收费
|有没有人喝晨露过敏的？想问问再买
|把我笑出内伤，榕川的公关太有才
|青禾网页加载慢了两秒
|云栈的优惠券被抢爆了
|恒启仓库扩建，新增就业三百人
|榕川董事长带走了本届全部奖项
|这家店的服务员像欠她八百万
"""

SECOND = """
illness minors|同事的儿子喝了晨露儿童奶，当晚高烧呕吐，现在还在住院
illness|团建吃了晨露的冰淇淋，十几个人拉肚子
illness|换了晨露的洗面奶之后脸上起红疹
injury|云栈的车门夹断了乘客手指，造成骨折
injury|恒启仓库起火，消防员救出三名伤者
death|恒启装卸工被传送带卷入，当场死亡
death|云栈乘客坠桥身亡，家属要说法
personal_data|榕川员工倒卖客户手机号被发现
personal_data|我的身份证照片被云栈泄露了，网上能搜到
personal_data personal_data_million|青禾两千万条投标人信息在论坛上出售
authority|市场监管总局发布通报，对晨露立案调查
authority|网警已联系榕川核实情况
authority|晨露收到了监管部门的处罚决定书，被罚款五十万
unrest|恒启的司机们堵了园区大门，要求结清运费
unrest|数百名员工在榕川总部门口聚集抗议裁员
recall|晨露今起召回一批次酸奶
abnormal_trading|榕川科技尾盘跳水跌停，紧急停牌
illegal_content|青禾政采网疑遭黑客攻击，主页出现反动口号
outage|榕川云盘挂了三个多小时还没修好
executive_detained|榕川科技创始人被采取强制措施
|晨露的代言人太美了我直接死掉
|榕川手机摔了一下屏幕没事，心疼死我了
|听完云栈师傅的故事，好伤感
|恒启今天给全体司机发了高温补贴
|晨露实验室检出率为零，未出现不合格批次
|云栈新版本修复了无法登录的问题
|公司辟谣裁员，说榕川不存在集体讨薪
|如果晨露真的有问题，请立刻召回
|上次在别家喝的奶茶让我拉肚子，还是晨露放心
|青禾的客服电话打不通，等了五分钟
|榕川副总裁出席论坛并发表演讲
|晨露和公安局联合开展反诈宣传进校园活动
|小区业主聚集在一起包饺子，晨露赞助的
|那部电视剧里恒启这样的公司老板都被抓了
|云栈涨价了，杀人诛心
|医生推荐给宝宝喝晨露，说不容易过敏
"""

THIRD = """
illness minors|刚刚从儿科回来，医生怀疑是晨露奶粉引起的过敏，孩子脸肿得眼睛都睁不开
|医生说了孩子的湿疹和晨露奶粉没有关系，换季而已
|请问有没有宝宝喝晨露拉肚子的？
|晨露回应“多名婴儿住院”：经与医院核实，无一例与本公司产品有关
illness minors|石桥镇中心小学三十多个孩子午餐喝了晨露学生奶后集体恶心呕吐，被送往县医院
|我妈糖尿病住院，护士推荐她喝晨露的无糖酸奶
death|通报：恒启物流城东仓库火灾事故已造成2人遇难
|网传恒启仓库火灾死了十个人是假消息，消防已通报无人员伤亡
|恒启仓库火灾幸好人都跑出来了，没有伤亡
injury|恒启分拣线今早卷了一个工人的胳膊，送去医院截肢了
|恒启安全生产月：全年零事故、零伤亡
death|我表哥在恒启连上了16个夜班，昨天早上人没了
|再这么加班下去榕川早晚要出人命
|要是哪天充电把房子点着烧死人，榕川你赔得起吗
injury|榕川平板充电时突然炸了，我老公的手背和胳膊大面积烧伤
personal_data|我在云栈的行程记录和家庭住址被人挂在群里卖，20块一条
|云栈回应信息泄露传闻：系统未发现被入侵痕迹
personal_data|云栈安全团队确认有3287名用户的手机号被非法访问
|大家小心，别把云栈的验证码告诉别人，谨防信息泄露
|青岚会员系统被拖库，两百万条资料流出
personal_data personal_data_million|暗网有人挂出云栈出行一百二十万乘客数据，附样本
authority|市监局的人上午来了晨露厂里，封了一个车间的成品库
|晨露厂区今天迎来市场监管局党员志愿者参观学习
|建议市监局好好查查晨露
|我已经打12315举报晨露了，等回复
authority|国家网信办对云栈出行启动网络安全审查
|云栈协助警方抓获一名在逃人员
authority|晨露收到市场监管总局的行政处罚决定书，罚没380万元
|证监会：未对榕川科技立案，相关传闻不属实
unrest|恒启外包工人下午四点要去园区大门口拉横幅讨薪
|晨露粉丝见面会现场人山人海，差点挤爆
unrest|几十个司机把云栈分公司大门堵了，要求退抵押金
|恒启工会组织员工拔河比赛，现场气氛火爆
unrest|有人在群里说拿不到钱就提着汽油去恒启总部
|恒启昨天的罢工谣言已经被官方澄清
recall|晨露决定自即日起召回MA0423批次婴儿配方奶粉
|网友呼吁晨露赶紧召回问题批次
|晨露：目前没有召回计划
|特斯拉召回两万辆车，榕川会不会跟进
abnormal_trading|榕川科技今日开盘闪崩，20分钟内跌停
|榕川股价今天小涨1.2%
illegal_content|青禾政采网首页现在显示的是境外组织的标语，截图为证
|青禾政采网首页改版，新增适老化标语提示
outage|青禾政采网从九点挂到现在十点半还没恢复
|青禾政采网刚才卡了五分钟，现在好了
|青禾公告：今晚22点至次日2点系统例行维护，届时无法登录
executive_detained authority|榕川副总裁昨晚在机场被警方带走调查
|榕川副总裁辟谣：我好好的在公司上班，没有被带走
executive_detained|内部人士透露，恒启董事长上周被留置
|恒启董事长带走年度物流人物奖
|【演练】晨露奶粉致婴儿死亡，请各小组启动预案
|剧里那个奶粉厂老板被抓的桥段，太像晨露了
illness|同事喝了晨露酸奶上吐下泻，现在还在医院挂水
|三年前晨露就召回过一次，这次又出新品
"""

FOURTH = """
illness|昨天在公司喝了一盒晨露，两小时后胃绞痛，急诊挂水到半夜
|晨露奶粉真的会导致过敏吗？有没有懂的
|晨露：所谓“孩子喝奶后住院”系移花接木，已报案
|孩子发烧了，什么都不吃，只肯喝两口晨露
illness minors|阳光幼儿园十几个小朋友喝了晨露早餐奶之后拉肚子，家长群炸了
death|恒启一名卸货工被倒塌的货架压住，抢救无效身亡
|恒启否认有员工死亡，称只是中暑送医观察后已返岗
death?|听说恒启又死人了？真的假的
|今天演练内容：假设晨露奶粉造成婴儿死亡，各组如何响应
injury|榕川滑板车刹车失灵，我朋友摔断了腿
|榕川安全测试视频：模拟电池爆炸，假人未受伤
injury|云栈司机急刹，我妈头撞到前座缝了三针
personal_data|云栈后台接口没做校验，随便改个数字就能看到别人的手机号和行程，已经有人打包在卖
|云栈辟谣：所谓用户数据在暗网出售纯属虚构
|怕信息泄露，我把云栈注销了
personal_data|接到自称云栈客服的诈骗电话，对方报出了我的身份证号和昨天的订单，肯定是云栈泄露的
|飞驰出行五十万用户信息被黑客盗走
authority|早上八点市场监管所的人带着封条进了晨露的仓库
|晨露主动邀请市场监管部门进厂检查指导
|要求监管部门立即介入调查云栈乱收费
authority|榕川收到证监会立案告知书
|交警部门与云栈联合开展安全宣传
unrest|恒启员工今天集体没上班，都坐在厂区门口等说法
|恒启员工今天集体体检
unrest|有人扬言要开车撞恒启的大门
|再不退钱我们就去总部拉横幅
recall|晨露已通知全国经销商停售并召回涉事批次
|晨露会召回这批奶粉吗？
|晨露回应：不会召回，产品合格
abnormal_trading|榕川午后直线跳水，跌逾9%，上交所临时停牌
illegal_content|云栈公众号凌晨推送了一条赌博广告，疑似被黑
|青禾政采网发布打击非法招标中介的公告
outage|云栈崩了快一个小时了，机场几百人打不到车
|云栈崩了？我这能用啊
executive_detained authority|恒启法人代表今早被经侦从家里带走
|网传榕川CEO被抓，公司：正常履职中
|青岚董事长被刑拘，晨露股价大涨
|看新闻说美国有人喝奶粉死亡，吓得我赶紧看晨露的批号
"""

FIFTH = """
illness|我爸吃了晨露的奶片当晚就进了医院，诊断急性肠胃炎
|咨询下，乳糖不耐受喝晨露会拉肚子吗
|经医院确认，孩子腹泻系轮状病毒所致，与晨露奶粉无关
illness minors|又有两个宝宝喝了MA0423批次后便血，家长正在集体就诊
|晨露员工体检发现有人血脂偏高
death illness|榕川一名工程师连续加班后倒在工位，送医后不治
|榕川：员工猝死传言不实，当事人已康复出院
|但愿恒启不要再出安全事故了
|消防队在恒启仓库演习，假装有人被困
injury|充电五分钟就冒烟爆炸，榕川这电池把我妈的脸炸伤了
|电影里飞车爆炸的特效是榕川做的
personal_data|某黑客在海外论坛叫卖云栈司机的驾驶证照片
|云栈上线隐私保护功能，隐藏乘客手机号
|注意！警惕假冒云栈客服套取个人信息
authority|市场监管总局执法稽查局已对晨露立案
|听说有人要去药监局举报晨露
|晨露在市场监管总局官网完成产品备案
authority|恒启被劳动监察部门责令十日内补发工资
unrest|三十多名司机围住云栈公司经理不让走
|恒启的兄弟们周末聚餐，聚集了一大帮老同事
|云栈司机否认计划罢工
unrest|明早八点，恒启东门，全体停工要工资，收到请转
recall|晨露启动一级召回，涉及12万罐
|业内专家：晨露应主动召回问题产品
|日本品牌召回奶粉，晨露表示不受影响
abnormal_trading|受奶粉事件影响，晨露乳业股价连续两日跌停
|晨露股价企稳回升
illegal_content|青禾官网被挂马，点进去跳转到博彩页面
|青禾官网可以查询违法失信名单
outage|青禾系统从昨晚到今早一直登不上，投标要截止了
|青禾系统刚卡了一下，刷新就好
executive_detained|榕川财务总监因涉嫌挪用资金被刑事拘留
|榕川总经理被人带走合影签名
|飞驰出行司机撞死行人，云栈连夜排查
"""


LABELS = Path(__file__).with_name("labels")
ROUNDS = {"first": FIRST, "second": SECOND, "third": THIRD, "fourth": FOURTH, "fifth": FIFTH} | {
    name: (LABELS / f"triggers_{name}.txt").read_text("utf-8") for name in ("sixth", "seventh", "eighth", "ninth", "tenth")
}


def main() -> None:
    """Prints each miss and the two shares of each set."""
    for name, sentences in ROUNDS.items():
        print(name, _measured(sentences))


def _measured(sentences: str) -> str:
    right = wrong = missed = 0
    for line in sentences.strip().splitlines():
        kinds, text = line.split("|", 1)
        asked = {kind.removesuffix("?") for kind in kinds.split() if kind.endswith("?")}
        read = claims(clean(text), tier=None, ours=OURS, others=OTHERS)
        wanted, found = asked | set(kinds.replace("?", "").split()), {claim.kind for claim in read}
        right, wrong, missed = right + len(wanted & found), wrong + len(found - wanted), missed + len(wanted - found)
        if any(claim.credible and claim.kind in asked for claim in read):
            print(f"{text}  只是问，却读成可信")
        if wanted != found:
            print(f"{text}  应为 {sorted(wanted)}，读出 {sorted(found)}")
    precision, recall = right / (right + wrong), right / (right + missed)
    return f"precision {precision:.3f}  recall {recall:.3f}  ({right + missed} labelled matters)"


if __name__ == "__main__":
    main()
