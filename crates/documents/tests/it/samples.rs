//! Data for every template: an ordinary case, the longest one, and one with rare characters.

use serde_json::{Value, json};

/// Which kind of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Longest,
    Rare,
}

pub(crate) const KINDS: [Kind; 3] = [Kind::Normal, Kind::Longest, Kind::Rare];

/// Two of the 通用规范汉字表 in the embedded fonts, then three that are in none of them.
pub(crate) const RARE_NAME: &str = "䶮𫘧𡒄😀𪚥";

fn repeat(kind: Kind, text: &str, times: usize) -> String {
    if kind == Kind::Longest {
        text.repeat(times)
    } else {
        text.to_owned()
    }
}

fn common(kind: Kind) -> Value {
    let organ = match kind {
        Kind::Longest => "云泽市南湖经济技术开发区管理委员会市场监督管理和行政审批服务局",
        _ => "云泽市行政审批局",
    };
    let person = match kind {
        Kind::Normal => "张*",
        Kind::Longest => {
            "云泽市南湖区阿不都热合曼·买买提江特色农产品种植加工销售农民专业合作社联合社（普通合伙）"
        }
        Kind::Rare => RARE_NAME,
    };
    json!({
        "demo": true,
        "organ": organ,
        "number": "云审许字〔2026〕第000123号",
        "addressee": person,
        "applicant": person,
        "item": repeat(kind, "食品经营许可（新办）", 6),
        "item_code": "11430000MB1234567X4000131018003",
        "case_number": "430000202611220001237",
        "applied": "2026-11-20",
        "accepted": "2026-11-22",
        "date": "2026-11-22",
        "seal": {"organ": organ, "bottom": "行政审批专用章 演示", "star": kind == Kind::Longest},
        "qr": "https://tongban.example/v/8K3F-22QX-91PD",
        "log": {"index": 48213, "time": "2026-11-22 09:41:07", "leaf": "a3f1c09be2774d5f86d0b1c24e9f7a5533c8de01b4a6f9722c1d0e8f5b6a7c9d",
                "head": "log.tongban.example/2026 48310 bo5vC8fZ0m1cTTYw6rBz1Xnq0c2m8m1Jc9m3sR0aXbM="},
        "contact": "云泽市政务服务中心 3 楼 12 号窗口，电话 0000-12345678",
        "remedies": {"reconsideration": "云泽市人民政府", "court": "云泽市南湖区人民法院"},
    })
}

fn with(kind: Kind, more: Value) -> Value {
    let mut data = common(kind);
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    data
}

/// The data of one template, or `None` for a template that is not ours.
pub(crate) fn sample(template: &str, kind: Kind) -> Option<Value> {
    let many = if kind == Kind::Longest { 24 } else { 3 };
    let more = match template {
        "receipt" => json!({
            "number": "HZ2026112200001237",
            "time": "2026-11-22 09:41:06", "channel": "网上（电脑端）", "agent": "李*",
            "materials": (0..many).map(|i| json!({
                "name": repeat(kind, ["食品经营许可申请书", "营业执照复印件", "与食品经营相适应的主要设备设施布局、操作流程等文件"][i % 3], 2),
                "form": "电子", "copies": 1})).collect::<Vec<_>>(),
        }),
        "acceptance-notice" => json!({
            "limit_days": 7, "statutory_days": 20, "deadline": "2026-12-01",
            "special_procedures": ["现场核查", "专家评审"], "fee": "不收费",
        }),
        "supplement-notice" => json!({
            "due": "2026-12-22", "how": "可以登录平台在“我的办件”中上传，也可以到窗口提交。",
            "missing": (0..many).map(|i| json!({
                "material": if i % 2 == 0 { "营业执照复印件" } else { "设备设施布局图" },
                "problem": repeat(kind, "扫描件不清晰，统一社会信用代码无法辨认", 2),
                "require": repeat(kind, "重新上传清晰的彩色扫描件（分辨率不低于 300 dpi）", 2)})).collect::<Vec<_>>(),
        }),
        "refusal-to-accept" => json!({
            "ground": "not_competent", "competent": "云泽市卫生健康委员会",
            "reason": repeat(kind, "申请从事的经营活动属于餐具、饮具集中消毒服务，不在食品经营许可范围内。", 12),
        }),
        "decision-grant" => json!({
            "basis": "《食品经营许可和备案管理办法》第十七条",
            "grant": [
                {"label": "许可证名称", "value": "食品经营许可证"},
                {"label": "许可证编号", "value": "JY14300001234567"},
                {"label": "有效期限", "value": "2026年11月22日至2031年11月21日"},
                {"label": "经营项目", "value": repeat(kind, "热食类食品制售；预包装食品销售", 10)},
            ],
            "conditions": ["按照许可的经营场所和经营项目从事经营活动。", "在经营场所的显著位置悬挂或者展示许可证。"],
            "licence": "食品经营许可证", "delivery": "电子证照与纸质证照具有同等法律效力。",
        }),
        "decision-refuse" => json!({
            "basis": "《食品经营许可和备案管理办法》第十二条",
            "reasons": (0..many).map(|_| repeat(kind, "经营场所与有毒、有害场所以及其他污染源未保持规定的距离。", 2)).collect::<Vec<_>>(),
        }),
        "termination-notice" => json!({
            "ground": "许可所依据的法律、法规、规章修改或者废止，或者所依据的客观情况发生重大变化",
            "legal": "《中华人民共和国行政许可法》第八条第二款",
            "reason": repeat(kind, "申请的经营项目自本月起改为备案管理，不再核发许可证。", 12),
        }),
        "delivery-receipt" => json!({
            "documents": (0..many).map(|i| json!({"name": "准予行政许可决定书", "number": format!("云审许字〔2026〕第{:06}号", 123 + i)})).collect::<Vec<_>>(),
            "method": "电子送达", "place": "tongban.example（申请人确认的电子送达地址）",
            "received": "2026-11-22 10:02:33", "receiver": "已通过平台签收",
        }),
        "licence" => licence(kind),
        "guide" => json!({
            "title": repeat(kind, "食品经营许可（新办）", 3), "updated": "2026-11-01",
            "sections": [
                {"heading": "基本信息", "rows": [{"label": "事项类型", "value": "行政许可"}, {"label": "法定期限", "value": "20 个工作日"}, {"label": "承诺期限", "value": "7 个工作日"}, {"label": "收费", "value": "不收费"}]},
                {"heading": "受理条件", "text": "（一）具有与经营的食品品种、数量相适应的场所。\n（二）具有与经营的食品品种、数量相适应的经营设备或者设施。"},
                {"heading": "申请材料", "table": {"head": ["序号", "材料名称", "来源", "必要性"], "rows": (0..many).map(|i| json!([i + 1, "食品经营许可申请书", "申请人自备", "必要"])).collect::<Vec<_>>()}},
            ],
        }),
        _ => return None,
    };
    Some(with(kind, more))
}

fn licence(kind: Kind) -> Value {
    let holder = match kind {
        Kind::Normal => "云泽市南湖区老街坊小吃店",
        Kind::Longest => {
            "云泽市南湖区阿不都热合曼·买买提江特色农产品种植加工销售农民专业合作社联合社（普通合伙）"
        }
        Kind::Rare => "䶮𫘧𡒄😀𪚥小吃店",
    };
    json!({
        "title": "食品经营许可证", "subtitle": "正本", "number": "JY14300001234567",
        "identifier": "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
        "valid": "2026年11月22日至2031年11月21日",
        "face": [
            {"label": "经营者名称", "value": holder},
            {"label": "统一社会信用代码", "value": "92430000MA4L16JQ9B"},
            {"label": "法定代表人", "value": if kind == Kind::Rare { RARE_NAME } else { "张三" }},
            {"label": "住所", "value": repeat(kind, "云泽市南湖区解放路街道老街坊社区 12 号", 3)},
            {"label": "经营场所", "value": repeat(kind, "云泽市南湖区解放路街道老街坊社区 12 号", 3)},
            {"label": "主体业态", "value": "餐饮服务经营者"},
            {"label": "经营项目", "value": repeat(kind, "热食类食品制售；预包装食品销售（含冷藏冷冻食品）；自制饮品制售", 14)},
            {"label": "日常监督管理机构", "value": "南湖区市场监督管理所"},
        ],
    })
}
