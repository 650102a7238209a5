//! What people type and which item must come first (or among the first three).

use tongban_search::{Index, IndexDocument, Kind, Query};

use crate::titles::TITLES;

/// Query, title wanted, worst place allowed.
const TABLE: &[(&str, &str, usize)] = &[
    // Official words, whole and in part.
    ("食品经营许可", "食品经营许可（新办）", 3),
    ("食品经营许可新办", "食品经营许可（新办）", 1),
    ("食品经营 变更", "食品经营许可（变更）", 1),
    ("个体工商户设立登记", "个体工商户设立登记", 1),
    ("道路货物运输经营许可", "道路货物运输经营许可", 1),
    ("居住证签注", "居住证签注", 1),
    ("户外招牌设置", "户外招牌设置审批", 1),
    ("固定资产投资项目节能审查", "固定资产投资项目节能审查", 1),
    ("节能审查", "固定资产投资项目节能审查", 1),
    ("驾驶证换证", "机动车驾驶证期满换证", 1),
    ("维修资金", "住宅专项维修资金使用", 1),
    ("排水许可", "城镇污水排入排水管网许可", 1),
    ("施工许可", "建筑工程施工许可", 1),
    // Questions.
    ("怎么办理居住证签注", "居住证签注", 1),
    ("我要办结婚登记需要什么材料", "结婚登记", 1),
    ("请问残疾人证在哪办", "残疾人证办理", 1),
    ("如何申请法律援助", "法律援助申请", 1),
    ("失业保险金怎么申领", "失业保险金申领", 1),
    // Citizens' words.
    ("开饭店", "食品经营许可（新办）", 3),
    ("我要开个饭店", "食品经营许可（新办）", 3),
    ("开一家餐馆", "食品经营许可（新办）", 3),
    ("开奶茶店要什么手续", "食品经营许可（新办）", 3),
    ("落户", "户口迁移（跨县市迁入登记）", 1),
    ("迁户口", "户口迁移（跨县市迁入登记）", 1),
    ("驾照", "机动车驾驶证补证", 3),
    ("驾照丢了", "机动车驾驶证补证", 1),
    ("驾照到期", "机动车驾驶证期满换证", 1),
    ("办营业执照", "个体工商户设立登记", 3),
    ("注销公司", "企业注销登记", 1),
    ("公积金", "住房公积金提取", 3),
    ("取公积金", "住房公积金提取", 1),
    ("公积金贷款", "住房公积金贷款申请", 1),
    ("暂住证", "居住证申领", 3),
    ("居住证续签", "居住证签注", 1),
    ("店招", "户外招牌设置审批", 1),
    ("门头牌", "户外招牌设置审批", 1),
    ("货车营运证", "道路货物运输经营许可", 1),
    ("跑滴滴", "网络预约出租汽车运输证核发", 1),
    ("低保", "最低生活保障认定", 1),
    ("房产证", "国有建设用地使用权及房屋所有权转移登记", 3),
    ("二手房过户", "国有建设用地使用权及房屋所有权转移登记", 1),
    ("宝宝上户口", "出生登记", 1),
    ("卖烟", "烟草专卖零售许可证核发", 1),
    ("开药店", "药品经营许可（零售）", 1),
    ("开网吧", "互联网上网服务营业场所信息网络安全审核", 1),
    ("开宾馆", "旅馆业特种行业许可", 3),
    ("理发店", "公共场所卫生许可", 1),
    ("渣土", "城市建筑垃圾处置核准", 1),
    ("养老认证", "领取养老保险待遇资格认证", 1),
    ("看病报销", "医疗费用报销", 1),
    ("慢病卡", "门诊慢特病病种待遇认定", 1),
    ("买农机", "农机购置补贴申领", 1),
    ("准生证", "生育登记", 1),
    ("开KTV", "娱乐场所经营许可（歌舞娱乐场所）", 1),
    ("教师证", "教师资格认定", 1),
    ("施工证", "建筑工程施工许可", 1),
    ("老人补贴", "高龄津贴申领", 1),
    ("砍树", "砍伐城市树木审批", 3),
    // Pinyin, initials, mixed.
    ("spjyxk", "食品经营许可（新办）", 3),
    ("jzzqz", "居住证签注", 1),
    ("gtgshsl", "个体工商户设立登记", 1),
    ("hwzpsz", "户外招牌设置审批", 1),
    ("shipinjingying", "食品经营许可（新办）", 3),
    ("juzhuzheng", "居住证签注", 3),
    ("jiehun", "结婚登记", 1),
    ("jiehundengj", "结婚登记", 1),
    ("食品jyxk", "食品经营许可（新办）", 3),
    ("shipin经营", "食品经营许可（新办）", 3),
    ("SPJYXK", "食品经营许可（新办）", 3),
    // Sound, tradition, width.
    ("食品经营许克", "食品经营许可（新办）", 3),
    ("居主证", "居住证申领", 3),
    ("节能神查", "固定资产投资项目节能审查", 1),
    ("劳务派遣经营许科", "劳务派遣经营许可", 1),
    ("餐飲許可證", "食品经营许可（新办）", 3),
    ("機動車駕駛證補證", "机动车驾驶证补证", 1),
    ("ｓｐｊｙｘｋ", "食品经营许可（新办）", 3),
    ("　結婚　登記　", "结婚登记", 1),
];

pub(crate) fn county() -> Index {
    let index = Index::in_memory().expect("index");
    let docs: Vec<_> = TITLES
        .iter()
        .enumerate()
        .map(|(n, title)| IndexDocument {
            id: n.to_string(),
            kind: Kind::Item,
            title: (*title).to_owned(),
            body: format!(
                "本指南说明{title}的申请条件、申请材料、办理流程和收费标准。申请人提交身份证明、\
                 营业执照复印件，窗口受理后审查，符合条件的作出准予许可的决定并送达。"
            ),
            organ: "县行政审批局".to_owned(),
            ..IndexDocument::default()
        })
        .collect();
    index.put(&docs).expect("put");
    index.commit(1).expect("commit");
    index
}

#[test]
fn the_wanted_item_is_among_the_first() {
    let index = county();
    let mut wrong = Vec::new();
    for (text, wanted, worst) in TABLE {
        let hits = index.search(&Query::new(*text)).expect("search");
        let place = hits
            .hits
            .iter()
            .position(|h| h.title_text() == *wanted)
            .map(|p| p + 1);
        if place.is_none_or(|p| p > *worst) {
            let got: Vec<_> = hits.hits.iter().take(4).map(|h| h.title_text()).collect();
            wrong.push(format!("{text}: {wanted} at {place:?}, first {got:?}"));
        }
    }
    assert!(TABLE.len() >= 60 && TITLES.len() >= 120);
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        TABLE.len(),
        wrong.join("\n")
    );
}
