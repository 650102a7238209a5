//! What can be read out of published texts: day counts, telephone numbers, catch-all phrases. Used only to flag
//! contradictions; no limit is ever taken from a text.

/// Texts longer than this are cut before they are scanned.
const MAX_CHARS: usize = 20_000;

/// Day counts named in a text (`20个工作日`, `二十日内`, `3天`); dates such as `8月30日` are not counts.
pub(crate) fn day_counts(text: &str) -> Vec<u32> {
    let chars: Vec<char> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(MAX_CHARS)
        .collect();
    let mut counts = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        if !is_numeral(*c) {
            at += 1;
            continue;
        }
        let start = at;
        while chars.get(at).is_some_and(|c| is_numeral(*c)) {
            at += 1;
        }
        let before = start.checked_sub(1).and_then(|i| chars.get(i));
        if before.is_some_and(|c| matches!(c, '月' | '第' | '星' | '周')) {
            continue;
        }
        let mut unit = at;
        if chars.get(unit) == Some(&'个') {
            unit += 1;
        }
        let rest: String = chars.iter().skip(unit).take(3).collect();
        let is_days = rest.starts_with("工作日")
            || rest.starts_with("自然日")
            || rest.starts_with('天')
            || (rest.starts_with('日') && !rest.starts_with("日期"));
        if is_days && let Some(n) = chars.get(start..at).and_then(numeral) {
            counts.push(n);
        }
    }
    counts
}

fn is_numeral(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c) || "零〇一二两三四五六七八九十百".contains(c)
}

/// Value of a run of digits or Chinese numerals up to 999.
fn numeral(run: &[char]) -> Option<u32> {
    let mut total = 0_u32;
    let mut pending: Option<u32> = None;
    for c in run {
        let digit = match c {
            '零' | '〇' => Some(0),
            '一' => Some(1),
            '二' | '两' => Some(2),
            '三' => Some(3),
            '四' => Some(4),
            '五' => Some(5),
            '六' => Some(6),
            '七' => Some(7),
            '八' => Some(8),
            '九' => Some(9),
            '０'..='９' => Some(*c as u32 - '０' as u32),
            _ => c.to_digit(10),
        };
        match (digit, c) {
            (Some(d), _) => {
                pending = Some(pending.unwrap_or(0).checked_mul(10)?.checked_add(d)?);
            }
            (None, '十') => {
                total = total.checked_add(pending.take().unwrap_or(1).checked_mul(10)?)?
            }
            (None, '百') => {
                total = total.checked_add(pending.take().unwrap_or(1).checked_mul(100)?)?
            }
            _ => return None,
        }
    }
    total.checked_add(pending.unwrap_or(0))
}

/// Telephone numbers in a text as digits only: runs of at least 5 digits, hyphens inside allowed.
pub(crate) fn phones(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut run = String::new();
    for c in text.chars().take(MAX_CHARS).chain([' ']) {
        match c {
            '0'..='9' => run.push(c),
            '０'..='９' => run.extend(char::from_digit(c as u32 - '０' as u32, 10)),
            '-' | '－' | '—' if !run.is_empty() => {}
            _ => {
                if run.len() >= 5 {
                    found.push(std::mem::take(&mut run));
                }
                run.clear();
            }
        }
    }
    found
}

/// Phrases that leave open what is asked for (G14).
const CATCH_ALLS: &[&str] = &[
    "其他有关材料",
    "其他相关材料",
    "其它有关材料",
    "其它相关材料",
    "其他材料",
    "其它材料",
    "其他必要材料",
    "需要的其他",
    "要求的其他",
    "规定的其他",
    "要求提供的其他",
    "相关材料",
    "有关材料",
    "相关资料",
    "有关资料",
];

/// The first catch-all phrase of a text.
pub(crate) fn catch_all(text: &str) -> Option<&'static str> {
    CATCH_ALLS
        .iter()
        .copied()
        .find(|phrase| text.contains(phrase))
}

/// Whether a text ends an enumeration with an open `等` (`…等`, `…等材料`); `等级`, `中等`, `等于` are words.
pub(crate) fn open_etcetera(text: &str) -> bool {
    const TAILS: &[&str] = &[
        "材料", "资料", "文件", "证明", "证件", "情况", "条件", "内容", "方面",
    ];
    let chars: Vec<char> = text.chars().take(MAX_CHARS).collect();
    chars.iter().enumerate().any(|(at, c)| {
        if *c != '等' {
            return false;
        }
        let before = at.checked_sub(1).and_then(|i| chars.get(i));
        if before.is_none_or(|c| matches!(c, '中' | '高' | '初' | '同' | '平' | '均' | '相' | '对'))
        {
            return false;
        }
        let rest: String = chars.iter().skip(at + 1).take(2).collect();
        match rest.chars().next() {
            None => true,
            Some(c) if "，。、；;,.）)】」”".contains(c) => true,
            Some(_) => TAILS.iter().any(|tail| rest.starts_with(tail)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_counts_are_read_in_both_scripts_and_dates_are_not_counts() {
        assert_eq!(day_counts("受理之日起20个工作日。"), [20]);
        assert_eq!(day_counts("二十日内不能做出决定的，可以延长十日"), [20, 10]);
        assert_eq!(day_counts("一百二十个工作日，３天"), [120, 3]);
        assert_eq!(
            day_counts("2004年11月30日国务院令第426号，2017年8月26日修订"),
            [] as [u32; 0]
        );
        assert_eq!(day_counts("无"), [] as [u32; 0]);
        assert_eq!(day_counts("99999999999999999999日"), [] as [u32; 0]);
    }

    #[test]
    fn telephone_numbers_are_compared_as_digits() {
        assert_eq!(
            phones("电话：0777-6428820，12345"),
            ["07776428820", "12345"]
        );
        assert_eq!(phones("9:00-12:00"), [] as [&str; 0]);
    }

    #[test]
    fn an_open_etcetera_is_not_a_grade() {
        assert!(open_etcetera("身份证、户口簿等"));
        assert!(open_etcetera("营业执照等材料"));
        assert!(!open_etcetera("职业技能等级证书"));
        assert!(!open_etcetera("中等职业学校毕业证"));
        assert!(!open_etcetera("等"));
        assert_eq!(
            catch_all("法律法规规定的其他有关材料"),
            Some("其他有关材料")
        );
    }
}
