"""How well grave matters are read, on sentences written without looking at the rules.

At first sight: ``FIRST`` precision .90, recall .73; ``SECOND``, written after ``FIRST`` had mended the rules, precision .95,
recall .82. Both have mended the rules since, so what this prints today says only that nothing was lost.

    python benchmarks/triggers.py

All companies are invented. A kind read that is not written before the bar counts against precision, one that is missing
against recall.
"""

from __future__ import annotations

from bot.analysis.text import clean
from bot.analysis.triggers import claims

OURS = ("晨露乳业", "晨露", "云栈出行", "云栈", "榕川科技", "榕川", "恒启物流", "恒启", "青禾政采网", "青禾")

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


def main() -> None:
    """Prints each miss and the two shares of both sets."""
    for name, sentences in (("first", FIRST), ("second", SECOND)):
        print(name, _measured(sentences))


def _measured(sentences: str) -> str:
    right = wrong = missed = 0
    for line in sentences.strip().splitlines():
        kinds, text = line.split("|", 1)
        wanted, found = set(kinds.split()), {claim.kind for claim in claims(clean(text), tier=None, ours=OURS)}
        right, wrong, missed = right + len(wanted & found), wrong + len(found - wanted), missed + len(wanted - found)
        if wanted != found:
            print(f"{text}  应为 {sorted(wanted)}，读出 {sorted(found)}")
    precision, recall = right / (right + wrong), right / (right + missed)
    return f"precision {precision:.3f}  recall {recall:.3f}  ({right + missed} labelled matters)"


if __name__ == "__main__":
    main()
