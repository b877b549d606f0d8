"""The closed vocabularies of the contract as people write them: grades, channels, statement types, audiences, metrics, formats."""

from __future__ import annotations

import re

from bot.language.lazy import later

Table = tuple[tuple[str, re.Pattern[str]], ...]


def _table(rows: dict[str, str]) -> Table:
    return tuple((key, later(pattern)) for key, pattern in rows.items())


GRADES = _table(
    {
        "red": r"红色?(?:预警|级别?)?(?!线|包|利|人|头|书|黑|榜|十字|的?发烫|旗|领巾|烧|裙|衣|毯|警戒|茶|酒|糖|枣|豆|"
        r"绿|灯|牌|娘)|🔴|🟥|(?<![a-z])red(?![a-z])"
        r"|(?<![二三四五六七八九十降升两提调高低上下加])一级(?!别|一级|棒|市场|建|品)|(?<![a-z])i级|(?<!\d)1级|特别重大"
        r"|最高级别?",
        "orange": r"橙色?(?:预警|级别?)?(?!汁|子)|🟠|🟧|(?<![a-z])orange(?![a-z])|(?<!十)二级|(?<![a-z])ii级|(?<!\d)2级"
        r"|(?<!特别)重大(?:级别?|预警)?(?!突破|决定|损失|利好|事项|新闻|影响|事故|进展|风险)",
        "yellow": r"黄色?(?:预警|级别?)?(?!金|豆|工|总|姐|哥|牛|了|油|页|山|河)|🟡|🟨|(?<![a-z])yellow(?![a-z])|三级"
        r"|(?<![a-z])iii级|(?<!\d)3级|较大(?:级别?|预警)?(?!以上)",
        "blue": r"(?<!湛)蓝色?(?:预警|级别?)?(?!牙|天|图|领|海)|🔵|🟦|(?<![a-z])blue(?![a-z])|四级|(?<![a-z])iv级"
        r"|(?<!\d)4级|一般(?:级别?|预警|(?=[!。\s]*$))",
    }
)
CHANNELS = _table(
    {
        "weibo": "微博|官微|官博|weibo|大眼",
        "wechat_mp": "公众号|公号|微信推文|订阅号|服务号|wechat(?!_)",
        "wechat_channels": "视频号",
        "website": "官网|网站|官方网页|website",
        "app": r"(?<![a-z])app(?![a-z])(?:弹窗|推送|内|公告|站内信|push)?(?!宕|崩|闪退|打不开|挂)|站内信|弹窗",
        "sms": "短信|sms|短讯",
        "email": "邮件|邮箱|email|e-mail",
        "douyin": "抖音|douyin|tiktok",
        "xiaohongshu": "小红书|xhs|红薯",
        "toutiao": "头条号?",
        "zhihu": "知乎",
        "bilibili": r"b站|哔哩|bilibili",
        "internal": "内网|内部群|企业微信|钉钉群?|内部邮件|oa(?![a-z])|公司群|全员群",
        "exchange": "交易所|上交所|深交所|港交所|巨潮|北交所",
        "hotline": "热线|400电话|客服电话",
        "all": "全渠道|所有渠道|各渠道|全平台|所有平台|各平台|全网|全部渠道|all channels|everywhere",
    }
)
TYPES = _table(
    {
        "media_qa": "记者(?:们)?(?:可能|会|要|爱|常)[^,，。]{0,4}问[^,，。]{0,8}(?:答|回复|应答)|媒体问答|问答口径|媒体口径"
        "|采访口径|记者问答?|答记者问|媒体q&?a|q&a|问答稿|问答|采访提纲|faq|答问|"
        "记者会问答",
        "breach_notice": "(?:数据|信息|个人信息|隐私)?泄[露漏](?:事件)?(?:的)?(?:告知|通知|通告|公告|短信|提醒|告知书|告知信)"
        "|泄[露漏].{0,6}(?:告知|通知)|告知(?:短信|函|书|信).{0,6}泄|breach notice|breach notification",
        "rumor_rebuttal": "辟[个下]?谣|澄清(?!公告)|驳斥|谣言回应|rebuttal|rumou?r",
        "investor_notice": "澄清公告|(?:给|致|向)(?:股东|投资者|投资人|股民).{0,8}(?:说明|信|函|公告|交代|通知)|投资者(?:公告"
        "|公开信|说明|沟通函|函|的?信)?|致股东|股东信|董事会公告|停牌公告|investor|上市公司公告|临时公告",
        "apology": "致歉|道歉|赔礼|认错|apology|apologi[sz]e",
        "recall_notice": "召回|recall",
        "staff_letter": "(?:致|给)?(?:全体)?(?:员工|同事|全员|同仁|职工)(?:们)?(?:的)?(?:一封|公开)?信|员工信|员工邮件"
        "|员工公开信|内部信|内部通知"
        "|全员信|全员邮件|致员工|给(?:全体|全公司|公司)?(?:员工|同事)(?:们)?(?:写|发|的)|staff letter"
        "|letter to (?:all )?(?:staff|employees)",
        "partner_letter": "(?:致|给)?(?:合作伙伴|合作方|伙伴|经销商|供应商|加盟商|代理商|渠道商|合作商|分销商|客户公司|商户"
        "|门店老板)(?:们)?.{0,6}(?:信|函|说明|通知|稿|交代)|致合作|partner letter|letter to partners"
        "|(?:经销商|供应商|合作方|合作商|分销商|加盟商|代理商|合作伙伴)",
        "progress_update": "进展通报|进展公告|进展说明|后续通报|续报|进展(?=更新|稿|声明)|第[二三四五六七八九\\d]号(?:通报|公告)"
        "|(?<!情况)通报(?!批评)|progress update|后续进展",
        "holding": "首发(?!用)|首次回应|暂时?回应|先回应|初步回应|占位|第一次?回应|首份回应|holding|兜底声明|先行声明"
        "|第一份声明|短声明|简短回应|首个回应|先发个声",
        "situation_notice": "情况说明|说明(?!书)|情况通报|说清楚的?公告|澄清说明|situation notice|公告|告用户书",
    }
)
AUDIENCES = _table(
    {
        "affected_users": "(?<!不)受影响的?(?:用户|客户|人|乘客|消费者|会员|车主|家长)?|涉事(?:用户|客户|消费者)|相关用户"
        "|affected users|中招的用户|买过.{0,6}的(?:用户|人|家长)|被泄露的用户",
        "employees": "员工|同事|全员|同仁|内部(?:人员|同事)|职工|employees|staff",
        "partners": "经销商|合作伙伴|合作方|合作商|分销商|上下游|供应商|加盟商|代理商|渠道商|伙伴|商户|partners",
        "investors": "投资者|投资人|股东|股民|机构投资|investors",
        "media": "媒体|记者|media",
        "regulators": "监管(?:部门|机构|局)?|市监局?|市场监管局?|网信办|药监局?|regulators?",
        "board": "董事会|董事们|board",
        "public": "公众(?!号)|社会公众|网友|大众|对外公开|public",
        "users": "用户|客户|消费者|顾客|家长|会员|乘客|粉丝|users|customers",
    }
)
METRICS = _table(
    {
        "time_to_statement": "发现到(?:首次?)?(?:发声|回应|声明|首发)|首发.{0,4}(?:用|花|耗|晚|时)|首次?(?:发声|回应"
        "|声明).{0,4}(?:用|花|耗|多久|多长|时)|多久.{0,4}(?:发声|回应|发的?(?:首发|首次)?声明)|(?:发声|回应)用了|(?:发声"
        "|回应|声明).{0,6}(?:多久|多长|多少时间)|time.?to.?statement|ttfs",
        "time_to_claim": "到(?:接手|认领|接单|有人接)|认领.{0,6}(?:用|花|耗|多久|多长|多快|时长)|多久.{0,6}(?:认领|接手|接单)|"
        "响应(?:时间|速度|时长)"
        "|time.?to.?claim|tta|多长时间.{0,4}(?:认领|接)",
        "sla": "sla|达标|及时|有没有超时|时限|超时(?:率|几|多少|情况)|准时率|按时完成率|有没有超时",
        "cost": "花了多少|多少钱|成本|花费|费用|开销|cost|损失多少|花多少钱|赔了多少",
        "half_life": "半衰期|half.?life|衰减|减半",
        "negative_share": "负面(?:占比|比例|率|比重)|负面.{0,4}(?:多少|几成|百分)|negative share|负面的?(?:走|曲线|趋势|声音)"
        "|差评率",
        "velocity": "传播速度|扩散速度|蔓延速度|速度|velocity|每小时多少|(?:蔓延|传播|扩散|传)得?快不快|传得多快|多快|扩散多快|增速",
        "sentiment": "情绪|情感|sentiment|口碑|好感|风评",
        "reach": "影响范围|覆盖|触达|(?:看|刷|传|扩散)(?:到|了|给)多少人|多少人(?:看|知道|刷|转)|曝光|多少平台|几个平台|"
        "传播范围|扩散范围|波及|reach|辐射",
        "peak": "过峰|峰值|见顶|顶峰|高峰|peak|最高点|到顶|顶点|封顶|过了最|顶点|拐点",
        "heat": "热度|heat|热榜指数|多热|降温|凉了",
        "mentions": "声量|讨论量|提及|条数|帖子数?量?|多少条|多少帖|多少(?:人)?讨论|mentions|volume|涨(?:得)?最|发帖量|新增多少|信息量",
    }
)
FORMATS = _table(
    {
        "oneline": "一句话|一句(?:讲|说|概|总)|一两句话|[两三几]句话|tl;?dr|念给|one.?line|一行字|一句概括|长话短说|直接念|三十秒|30秒|口头版",
        "catchup": "补课|补补课|补个课|补下课|[刚才]进群|刚来|刚回来|(?:休假|出差|请假|刚).{0,4}回来|刚上班|刚上线|刚醒|刚下飞机|"
        "刚开完会|错过|前面(?:都)?(?:说|聊"
        "|发生)了?(?:啥|什么)|catch.?up|没跟上|前情|爬楼|从头(?:讲|说)|前因后果|来晚了",
        "timeline": "时间线|时间轴|timeline|来龙去脉|按时间|时序|脉络|大事记",
        "known_unknown": "已知(?:和)?未知|知道什么.{0,8}不知道|(?:确认|确定|核实|知道|清楚|已知)了?(?:什么|啥|哪些).{0,10}(?:不知道"
        "|不清楚|没确认|没核实|未知|待核实|存疑)|(?:哪些|什么|啥).{0,6}(?:确认|确定|核实|坐实|清楚"
        "|知道).{0,12}(?:哪些|什么|啥).{0,6}(?:没|不|未|存疑)|known.{0,5}unknown|已知.{0,10}未知",
        "handover": "交接|交班|接班|换班|handover|hand over",
        "weekly": "周报|一周|本周汇总|weekly|每周|这周的?(?:汇总|总结|小结|情况)|本周(?:总结|小结)",
        "daily": "日报|早报|晚报|每日|今日.{0,4}(?:汇总|小结|总结)|daily|今天的?(?:汇总|总结|小结|舆情)|晨报|夕报|早会用",
        "special": "专报|专题报告|special report|专题|深度报告",
        "bullets": "说重点|讲重点|列[两三四五]条|要点|几条|分条|分点|分几点|几点说|bullets?|列点|三点|五点|关键点|重点列|几点",
        "leader": "简报|领导|老板|汇报|陈总|董事长|总经理|高层|管理层|brief|sitrep|速报|快报|呈报"
        "|(?!汇|归)[一-龥]总(?![结体之共的数量部])",
    }
)
INCIDENT_TYPES = {
    "food_safety": "食品安全|食安|食品|奶粉|变质|中毒",
    "product_safety": "产品安全|产品质量|质量问题|产品",
    "data_breach": "数据泄露|信息泄露|泄露|泄密|脱库",
    "outage": "宕机|故障|崩溃|打不开|服务中断|中断",
    "defacement": "篡改|挂马|黑页|页面被黑",
    "content_error": "内容错误|错别字|发错|内容有误",
    "service_complaint": "服务投诉|投诉|服务",
    "exec_conduct": "高管言论|高管|言论",
    "labor": "劳动|劳资|欠薪|裁员|用工",
    "malicious_attack": "恶意攻击|抹黑|攻击",
    "rumor": "谣言|传言|造谣",
    "competitor": "竞品|竞争对手|同行",
    "investor": "投资者|股价|股东|财务",
    "work_accident": "工伤|安全生产|生产事故|事故",
    "environment": "环保|污染|环境",
    "ad_compliance": "广告|虚假宣传|宣传",
    "other": "其他|其它",
}
"""Incident types of the domain handbook, section 2, as people say them."""


def first(table: Table, text: str) -> str:
    """The key of the table's first row (in table order) that stands in the text, or the empty string."""
    return next((key for key, pattern in table if pattern.search(text)), "")


def every(table: Table, text: str) -> list[str]:
    """The keys of all rows that stand in the text, in the order of the text."""
    hits = [(found.start(), key) for key, pattern in table if (found := pattern.search(text))]
    return [key for _, key in sorted(hits)]
