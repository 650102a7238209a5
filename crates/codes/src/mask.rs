//! Masking for lists and public pages (个人信息去标识化显示). A full view is a separate, logged act.

/// Compound surnames in use; a name beginning with one keeps two characters.
const COMPOUND_SURNAMES: &[&str] = &[
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "夏侯", "诸葛", "尉迟", "皇甫",
    "澹台", "公冶", "宗政", "濮阳", "淳于", "单于", "太叔", "申屠", "公孙", "仲孙", "轩辕", "令狐",
    "钟离", "宇文", "长孙", "慕容", "鲜于", "闾丘", "司徒", "司空", "亓官", "司寇", "颛孙", "子车",
    "公西", "漆雕", "乐正", "公羊", "公良", "拓跋", "百里", "呼延", "东郭", "南门", "羊舌", "微生",
    "梁丘", "左丘", "东门", "西门", "第五", "赫连", "万俟", "闻人", "纳兰",
];

const MAX_STARS: usize = 32;

/// Keeps `head` and `tail` characters and stars the rest; a text too short to hide anything between
/// them is starred whole. The length is kept, up to 32 stars.
pub fn keep_ends(text: &str, head: usize, tail: usize) -> String {
    let count = text.chars().count();
    if count <= head.saturating_add(tail) {
        return "*".repeat(count.min(MAX_STARS));
    }
    let hidden = (count - head - tail).min(MAX_STARS);
    let mut out: String = text.chars().take(head).collect();
    out.extend(std::iter::repeat_n('*', hidden));
    out.extend(text.chars().skip(count - tail));
    out
}

/// Masks a personal name: the surname stays (`张*`, `欧阳**`), one character alone is hidden.
///
/// For names with a middle dot or in Latin letters the first character stays.
pub fn person_name(name: &str) -> String {
    let name = name.trim();
    let count = name.chars().count();
    let compound = count > 2 && COMPOUND_SURNAMES.iter().any(|s| name.starts_with(s));
    match count {
        0 => String::new(),
        1 => "*".to_owned(),
        _ => keep_ends(name, if compound { 2 } else { 1 }, 0),
    }
}

/// Masks a phone number: a mobile as `138****1234`, any other number by its last four digits.
pub fn phone(number: &str) -> String {
    let text = crate::normalize(number);
    match text.chars().count() {
        11 if text.starts_with('1') => keep_ends(&text, 3, 4),
        0..=4 => "*".repeat(text.chars().count()),
        _ => keep_ends(&text, 0, 4),
    }
}

/// Masks any certificate number: 18 characters keep four and four (`3401**********012X`), shorter
/// ones keep at most a quarter of the length at each end.
pub fn id_number(number: &str) -> String {
    let text = crate::normalize(number);
    let ends = (text.chars().count() / 4).min(4);
    keep_ends(&text, ends, ends)
}

/// Masks an address: the part up to the county or district stays, the rest becomes `****`.
pub fn address(text: &str) -> String {
    let text = text.trim();
    let cut = text
        .char_indices()
        .take(20)
        .filter(|(i, c)| *i > 0 && matches!(c, '省' | '市' | '州' | '盟' | '县' | '区' | '旗'))
        .map(|(i, c)| i + c.len_utf8())
        .last()
        .unwrap_or(0);
    if text.is_empty() {
        String::new()
    } else {
        format!("{}****", text.get(..cut).unwrap_or(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, masked) in [
            ("", ""),
            ("张", "*"),
            ("张三", "张*"),
            ("王小明", "王**"),
            ("欧阳", "欧*"),
            ("欧阳娜娜", "欧阳**"),
            ("司马光", "司马*"),
            ("买买提·吐尔逊", "买******"),
            (" 李四 ", "李*"),
        ] {
            assert_eq!(person_name(name), masked, "{name}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(phone("138 0013 1234"), "138****1234");
        assert_eq!(phone("0826-2345678"), "*******5678");
        assert_eq!(phone("110"), "***");
        assert_eq!(id_number("34010119900101012x"), "3401**********012X");
        assert_eq!(id_number("E12345678"), "E1*****78");
        assert_eq!(id_number("12"), "**");
        assert_eq!(keep_ends("abc", 2, 2), "***");
    }

    #[test]
    fn addresses() {
        assert_eq!(
            address("四川省广安市广安区思源大道1号"),
            "四川省广安市广安区****"
        );
        assert_eq!(address("某某村1组"), "****");
        assert_eq!(address(""), "");
    }
}
