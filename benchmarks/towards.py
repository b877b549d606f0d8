"""How texts stand towards us, on sentences written without looking at the rules.

At first sight, negative or not: ``FIRST`` 60 of 84, ``SECOND`` 32 of 49, ``THIRD`` 32 of 42, ``FOURTH`` 19 of 35 (turns
of phrase sought out to mislead), ``FIFTH`` 20 of 24, then three rounds of 60 in the manner of posts, comments and news (irony,
turns, several companies, long stories): ``sixth`` 38, ``seventh`` 35, ``eighth`` 41, each measured after the one before had
mended the rules. That mending brought nothing to the next round: what the words know does not carry over to new irony and to
kind stories without a word of praise. What this prints today says only that nothing was lost.

    python -m benchmarks.towards

Each line: the class (``-`` negative, ``0`` neutral, ``+`` positive), what it tries, the words. All companies are invented.
"""

from __future__ import annotations

from pathlib import Path

from bot.analysis.sentiment import judge, load
from bot.analysis.text import clean
from bot.model.reading import Sentiment

OURS = ("晨露乳业", "晨露", "云栈出行", "云栈", "榕川科技", "榕川", "恒启物流", "恒启")
OTHERS = ("青岚乳业", "青岚", "飞驰出行", "飞驰")
CLASS = {Sentiment.NEGATIVE: "-", Sentiment.NEUTRAL: "0", Sentiment.POSITIVE: "+"}

FIRST = """
0|denial|晨露乳业：网传“奶粉里有虫”的视频并非我公司产品，已向公安机关报案
0|denial|转发 //@晨露乳业: 关于近日网络不实信息的说明，相关批次经第三方检测全部符合国家标准
0|denial|【云栈出行】针对网传司机猥亵乘客一事，经核查，该司机非我平台注册司机
0|denial|恒启物流声明：从未拖欠任何员工工资，造谣者我们将追究到底
0|denial|榕川科技就“电池爆炸”传闻答记者问：视频系拼接，并未发生爆炸
0|denial|晨露官方辟谣了：那个住院的孩子喝的不是他们家的奶粉
0|denial|据每日快讯报道，晨露乳业回应称产品不存在质量问题，网传检测报告系伪造
0|denial|辟谣！云栈出行数据没有泄露，别再传了
0|denial|晨露乳业致消费者的一封信：我们注意到有关MA0423批次的反馈，正在全力核查，将于今晚八点公布结果
0|denial|恒启物流发布情况通报：涉事承包商欠薪，公司已先行垫付全部工资
-|doubt|晨露又发声明说没问题，谁信啊，我家孩子都住院了
-|doubt|云栈的声明通篇没有一句道歉，真恶心 //@云栈出行: 关于网传事件的声明
-|doubt|又是“网传不实”，恒启你们工资发了吗 //@恒启物流: 严正声明
-|doubt|晨露辟谣辟得挺快，退款怎么不见这么快
-|doubt|客服说产品检测合格，可我打开罐子就是一股霉味，晨露太让人失望了
-|doubt|榕川回应来了：是用户操作不当。合着充电也是我们的错？
0|other|青岚乳业被曝使用过期原料，市监局已立案调查
0|other|青岚的奶粉喝得孩子拉肚子，还是晨露靠谱
0|other|对比一下：青岚那边投诉成堆，晨露这边风平浪静
0|other|飞驰出行司机殴打乘客被拘留，幸好我一直用云栈
0|other|青岚涉嫌虚假宣传被罚200万，晨露乳业股价跟涨
-|other|以为换了晨露就没事，结果和青岚一样难喝，还更贵
-|other|青岚再差也没像晨露这样喝出虫子来
-|other|还是青岚好，晨露的服务真的一言难尽
-|other|飞驰一分钟就接单，云栈等了四十分钟还被取消
-|rhet|晨露，你们做奶粉的时候想过孩子吗？
-|rhet|交了钱不给退，云栈这是打算赖到什么时候？
-|rhet|难道非要出了人命恒启才肯重视？
-|rhet|这种品质也好意思卖三百块一罐？晨露你认真的吗
-|rhet|谁能告诉我云栈的客服到底是人还是复读机？
-|rhet|榕川的售后是摆设吗
0|rhet|请问晨露的一段奶粉几个月可以喝？
0|rhet|有人用过云栈的包月卡吗？划算不
0|rhet|恒启物流周末送货吗？
0|rhet|晨露和青岚哪个好？求推荐
-|sarc|晨露可太会了，过期三天的酸奶照样上架，给你鼓掌👏👏👏
-|sarc|云栈真贴心，绕路十公里带我欣赏城市夜景[微笑]
-|sarc|恭喜恒启，成功把我的快递送到了外太空
-|sarc|榕川这手机真不错，冬天暖手，夏天烤肉
-|sarc|好样的晨露，一罐奶粉喝出三种虫，生物课都不用上了
-|sarc|不愧是云栈，下雨天就能涨价三倍，佩服佩服
-|sarc|“用心做好奶”，晨露的用心我算是领教了
-|sarc|恒启的员工福利真好，工资都替我们存着不发
+|neg|晨露的奶不腥也不会太甜，宝宝喝了没有拉肚子
+|neg|投诉后十分钟云栈就把钱退了，没想到处理这么快
+|neg|用了一年榕川，从没坏过，也没卡过
+|neg|一开始还担心恒启会弄丢，结果完好无损提前到了
+|neg|不得不说晨露这次的处理态度挑不出毛病
+|neg|别听那些黑子瞎说，晨露我家喝了三年没出过一次问题
-|neg|没有一次打通过晨露的客服
-|neg|云栈的司机从来不准时
-|neg|不是我说，恒启的分拣真的不行
-|neg|晨露的包装没有以前好了，味道也不如从前
-|neg|说好的七天无理由，榕川到现在也没给退
-|neg|不敢再给孩子喝晨露了
-|comp|晨露客服让我等通知，一等就是半个月，没下文了
-|comp|在晨露旗舰店买的酸奶胀包了三盒，联系商家已读不回
-|comp|云栈多扣了我86块，申诉三次都被驳回
-|comp|恒启把我的件扔在楼道里，箱子全烂了，里面的碗碎了一半
-|comp|榕川手机才买两个月屏幕就出绿线，售后说要自费
-|comp|喝了晨露的奶孩子满脸红疙瘩，去医院花了八百多
-|comp|提醒各位宝妈，晨露这个批次先别给孩子喝
-|evas|晨露退💰！！！打了八百个电㊙话都没人接
-|evas|晨 露 的 奶 粉 有 虫 子 ， 大 家 别 买
-|evas|雲棧出行亂扣費，客服踢皮球，退款遙遙無期
-|evas|晨露真的垃.圾，客.服.装.死，维.权.无.门
-|evas|恒启物流就是个laji公司，拖欠工资不给
-|evas|雲棧司機一路罵罵咧咧，還把我丟在半路
-|evas|這款晨露優酪乳過期了還在賣，真的傻眼
+|evas|晨露客服態度超好，馬上幫我換了新的，讚
+|prais|云栈司机把我落车上的手机专程送回来，太感谢了
+|prais|恒启快递小哥冒雨送货上门，必须表扬
+|prais|晨露新出的低糖酸奶无限回购
+|prais|榕川这次的系统更新流畅多了，良心
0|plain|晨露乳业将于下周三召开新品发布会
0|plain|恒启物流华东分拨中心正式启用
0|plain|云栈出行调整夜间计价规则，每公里上浮0.3元
0|plain|榕川科技发布三季报，营收同比增长12%
0|plain|晨露旗舰店今晚八点直播，满199减50
-|news|记者暗访晨露乳业代工厂：工人徒手抓料，地面污水横流
-|news|云栈出行被消协点名：预付费退款难问题突出
-|news|榕川科技被曝强制996，多名员工晒出凌晨打卡记录
-|news|恒启物流一仓库起火，两名员工被困
-|news|晨露乳业抽检不合格，大肠菌群超标
"""

SECOND = """
0|denial|晨露乳业官微：某短视频账号发布的“蛆虫奶粉”为恶意剪辑，公司已向平台举报并固定证据
0|denial|云栈出行就顺风车事件致歉，已全额退款并封停涉事账号
0|denial|恒启物流：网传裁员三千人系误读，实为正常岗位调整
0|denial|转：晨露乳业的检测报告出来了，22项全部合格，大家放心
0|denial|假的！榕川根本没有裁员，我就在里面上班
-|doubt|晨露这致歉信写得真敷衍，受害者的名字都没提
-|doubt|榕川说是个别现象，我身边就有五个人中招
-|doubt|恒启回应欠薪：已在处理。处理了三个月了还在处理
-|doubt|云栈官方回复永远是“正在核实”，核实到哪年
0|other|青岚乳业致歉：对批次异味问题深表歉意
0|other|听说青岚裁员一半，不知道会不会影响行业
-|other|青岚出事至少道歉了，晨露到今天一声不吭
+|other|从青岚换到晨露，孩子不便秘了，早该换
-|rhet|一罐奶粉四百多，喝成这样，晨露你晚上睡得着吗
-|rhet|云栈把司机当人看了吗
-|rhet|榕川的品控是体育老师教的？
0|rhet|晨露三段和四段有什么区别
0|rhet|恒启寄冰鲜到广州要几天
0|rhet|云栈发票在哪里开呀
-|sarc|感谢云栈让我体验了一把午夜徒步回家
-|sarc|晨露客服业务真熟练，三秒挂我电话
-|sarc|榕川牛啊，更新完直接变砖，省得我换机纠结
-|sarc|恒启速度真“快”，同城件走了九天
+|neg|晨露这次没让我失望，日期新鲜，包装也没破
+|neg|本来想投诉云栈的，结果客服五分钟就解决了，服气
+|neg|恒启送货一点都不慢，态度也不差
+|neg|榕川客服不推责，直接换新机
-|neg|晨露包装看着高级，里面结块，不会再买第二次
-|neg|云栈的优惠券领了也用不了，没一张能用
-|neg|恒启根本不打电话，直接扔驿站
-|comp|晨露酸奶吃出塑料片，牙都硌疼了
-|comp|云栈司机中途加价，不给就让下车
-|comp|榕川耳机一周断连八次，退货还要我出运费
-|comp|在恒启干了半年，社保一直没交
-|comp|晨露代理商压货，我们小店快撑不下去了
-|evas|晨*露*奶*粉*真*的*坑*人
-|evas|恆啟物流野蠻分揀，箱子爛成這樣誰敢收
-|evas|云 栈 退 押 金 难 ， 客 服 装 聋 作 哑
+|prais|云栈司机帮我把轮椅抬上车，特别暖
+|prais|恒启送大件真靠谱，搬上六楼没收一分钱
+|prais|晨露新包装好看，味道也醇
0|plain|恒启物流与当地政府签署战略合作协议
0|plain|晨露乳业聘任新任首席财务官
0|plain|云栈出行接入地铁乘车码
0|plain|榕川科技第二代折叠屏今晚发布
-|news|消费者协会点名晨露：宣传与实物不符
-|news|云栈出行因无证经营被罚40万元
-|news|恒启物流多个网点停摆，快件大量积压
-|news|榕川科技前员工起诉公司拖欠年终奖
"""

THIRD = """
0|denial|云栈出行：网上流传的聊天截图经技术鉴定为伪造，已提交公安机关
0|denial|晨露乳业严正声明，从未委托任何机构出具网传报告
0|denial|转发澄清 //@恒启物流: 关于“暴力分拣”视频的说明：视频中场地非我司网点
0|denial|大家别传了，云栈根本没涨价，是节假日服务费
-|doubt|晨露的情况说明避重就轻，受害家庭一个字没提 //@晨露乳业: 情况说明
-|doubt|榕川说免费检测，去了还是要收检测费
-|doubt|声明写得漂亮，恒启倒是把钱打过来啊
0|other|飞驰出行又双叒叕崩了，云栈表示正常
0|other|青岚那批奶粉怎么处理的有人知道吗
-|other|青岚召回了，晨露同一个代工厂为什么不召回？
-|other|晨露的售后比青岚差远了
+|other|比起飞驰，云栈司机素质高太多
-|rhet|恒启，我的快递是坐牛车来的吗
-|rhet|晨露，这就是你们说的零添加？
0|rhet|晨露奶粉开封后能放多久？
0|rhet|云栈可以带宠物吗
-|sarc|云栈客服的“马上处理”，从周一马上到周日
-|sarc|谢谢恒启，让我学会了耐心
-|sarc|晨露这配料表，化学老师看了都要鼓掌
+|neg|晨露冲泡不结块，宝宝也不上火
+|neg|本以为榕川售后会扯皮，没想到二话不说给换了
+|neg|恒启没让我失望，生鲜到手还是冰的
-|neg|云栈没有一次让我顺利开出发票
-|neg|晨露的客服态度好有什么用，问题一个没解决
-|neg|不会再给恒启第二次机会
-|comp|晨露奶粉罐底生锈，联系经销商互相推
-|comp|云栈司机全程打电话抽烟，提醒还瞪我
-|comp|榕川手表泡水就死机，说好的五十米防水
-|comp|恒启代收货款拖了两个月没给我
-|evas|榕·川·售·后·真·坑，换个屏幕要两千
-|evas|晨露奶粉結塊發黃，退貨還要扣我運費
+|evas|雲棧師傅幫忙搬行李，人超好
+|prais|恒启晚上十点还在送，辛苦了，给快递小哥点赞
+|prais|娃就认晨露这个味儿，一天一盒
+|prais|榕川音质绝了，这个价位无敌
0|plain|晨露乳业华南工厂今日投产
0|plain|云栈出行与机场集团达成合作
0|plain|恒启物流招聘夜班分拣员，月薪七千包住
-|news|榕川科技因侵犯专利被判赔偿三千万元
-|news|晨露乳业供应商牧场检出违禁药物
-|news|云栈出行司机集体投诉抽成过高
-|news|恒启物流货车侧翻，高速拥堵三小时
"""

FOURTH = """
0|mixed|云栈出行致歉信：对不起，我们没有保护好乘客
0|mixed|【云栈官方】关于网传司机打人视频的情况说明：视频系剪辑
0|mixed|扩散！云栈出行发声明了：所谓乘客被打系谣言
-|mixed|云栈说是谣言，可我亲眼看见司机打人
-|mixed|云栈辟谣速度倒是快，退钱怎么不见你快
0|mixed|飞驰出行数据泄露，用户要求赔偿
0|mixed|飞驰出行司机打人被拘，跟云栈没关系
-|mixed|云栈和飞驰都不是好东西，乱扣费
+|mixed|从飞驰换到云栈，终于不用受气了
-|mixed|从云栈换到飞驰，终于不用受气了
-|mixed|云栈你们还要不要脸？
0|mixed|云栈的客服电话是多少？
0|mixed|云栈顺风车和快车有什么区别
-|mixed|这就是云栈承诺的三分钟接驾？
-|mixed|云栈真行，大半夜把女乘客扔高速
-|mixed|感谢云栈让我体验了一把徒步回家
-|mixed|恭喜云栈喜提热搜，刹车失灵
-|mixed|云栈不是没有优点，但乱收费不能忍
+|mixed|没发现云栈有绕路
0|mixed|并没有人因坐云栈受伤
+|mixed|云栈的价格不算贵，司机也不拖沓
+|mixed|云栈从不临时加价
+|mixed|别再说云栈不好了，人家退款很快
-|mixed|幸亏没打云栈，朋友被绕了二十公里
+|mixed|一次也没被云栈司机拒载过
+|mixed|坐云栈从没遇到过黑车
0|mixed|云栈出行三季度营收增长12%
-|mixed|云栈又双叒叕崩了
-|mixed|云栈 垃 圾 平 台
-|mixed|云栈lj
+|mixed|孩子落在云栈车上的书包，司机专程送回来了
-|mixed|云栈扣我两次钱，找客服五天没人回
+|mixed|司机迟到但道歉了还免单，云栈处理得不错
+|mixed|以为云栈会赖账，结果秒退
-|mixed|以为云栈会秒退，结果拖了一个月
"""

FIFTH = """
-|mixed|榕川耳机戴三天就断连，售后让我自己重启
0|mixed|榕川科技关于网传裁员消息的说明：消息不实，业务正常
0|mixed|转：榕川科技说明，网传裁员消息不实
-|mixed|榕川说没裁员，我工位都被收了
0|mixed|飞驰出行被约谈，榕川科技参与论坛
+|mixed|榕川手机拍照真不赖，比飞驰的导航准
-|mixed|榕川这电池，充电五小时通话两分钟，传奇
+|mixed|用榕川两年，没卡过一次
-|mixed|榕川什么时候能发货啊，都付款四十天了
0|mixed|榕川新款多少钱起
0|mixed|榕川科技发布三季报，营收增长
-|mixed|不是吧榕川，这也能涨价？
+|mixed|榕川被黑得太惨，其实挺好用
-|mixed|差点被榕川骗了，还好退得快
-|mixed|榕川没有回应记者的提问
-|mixed|榕川科技数据中心起火，无人伤亡
+|mixed|榕川客服小姐姐太耐心了
-|mixed|榕川系统崩了一上午，老板让我加班补
-|mixed|听说榕川要倒闭？
+|mixed|榕川CEO演讲很精彩
-|mixed|买榕川的人都是冤大头
-|mixed|榕川把我号封了，申诉石沉大海
0|mixed|榕川给山区捐了一百台电脑
0|mixed|青岚牛奶喝出虫，榕川躺枪
"""


LABELS = Path(__file__).with_name("labels")
ROUNDS = {"first": FIRST, "second": SECOND, "third": THIRD, "fourth": FOURTH, "fifth": FIFTH} | {
    name: (LABELS / f"towards_{name}.txt").read_text("utf-8") for name in ("sixth", "seventh", "eighth")
}


def main() -> None:
    """Prints each miss and what is right of each set."""
    for name, sentences in ROUNDS.items():
        print(name, _measured(sentences))


def _measured(sentences: str) -> str:
    scorer, lines = load(), [line.split("|", 2) for line in sentences.strip().splitlines()]
    right = same = 0
    for wanted, tries, words in lines:
        text = clean(words)
        found = CLASS[judge(text, scorer.score([text])[0].tolist(), ours=OURS, others=OTHERS).sentiment]
        same += found == wanted
        right += (found == "-") == (wanted == "-")
        if (found == "-") != (wanted == "-"):
            print(f"{words}  {tries}: 应为 {wanted}，读出 {found}")
    return f"negative or not: {right} of {len(lines)}; all three classes: {same}"


if __name__ == "__main__":
    main()
