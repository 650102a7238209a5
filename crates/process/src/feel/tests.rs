use serde_json::{Value, json};

use super::{Decimal, Expressions as _, Feel};
use crate::engine::Vars;

fn vars() -> Vars {
    json!({"outcome": "accept", "营业面积": 620, "材料": ["健康证", "身份证"], "a": {"b": [1, 2.5]}, "空": null})
        .as_object()
        .expect("an object")
        .iter()
        .map(|(k, v)| (k.as_str().into(), v.clone()))
        .collect()
}

/// `expression => JSON value`, or `expression => ! part of the message`.
fn check(table: &str) {
    for line in table.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let (text, wanted) = line.split_once(" => ").expect("a line has =>");
        let got = Feel.compile(text).and_then(|e| e.eval(&vars()));
        match (wanted.strip_prefix("! "), got) {
            (Some(part), Err(e)) => assert!(e.0.contains(part), "{text}: {e}"),
            (None, Ok(v)) => {
                let wanted: Value = serde_json::from_str(wanted).expect("JSON on the right");
                assert_eq!(v, wanted, "{text}");
            }
            (_, got) => panic!("{text}: {got:?}"),
        }
    }
}

#[test]
fn values_follow_feel() {
    check(
        r#"
        0.1 + 0.2 = 0.3 => true
        1 / 3 < 0.34 and 1 / 4 = 0.25 => true
        2 + 3 * 4 => 14
        -2 - -3 => 1
        1.50 => 1.5
        "通" + "办" => "通办"
        outcome = "accept" => true
        outcome != "accept" => false
        营业面积 >= 500 and 营业面积 < 1000 => true
        营业面积 between 620 and 621 => true
        营业面积 in [500..620) => false
        营业面积 in (500..620] => true
        营业面积 in (< 10, > 600) => true
        outcome in ("refuse", "accept") => true
        outcome in ["refuse"] => false
        a.b[2] => 2.5
        a.b[-1] => 2.5
        a.b[3] => null
        材料[1] => "健康证"
        count(材料) => 2
        list contains(材料, "身份证") => true
        some m in 材料 satisfies m = "健康证" => true
        every m in 材料 satisfies starts with(m, "健") => false
        if outcome = "accept" then 1 else 2 => 1
        not(false) => true
        not(1) => null
        missing = "x" => false
        missing > 1 => null
        missing > 1 or true => true
        missing > 1 and false => false
        空 = null => true
        is defined(空) => false
        sum([1, 2, 3.5]) => 6.5
        max(1, 7, 3) => 7
        min([]) => null
        string length("许可") => 2
        contains("许可审批", "审批") => true
        floor(-1.5) => -2
        number("12.5") + 1 => 13.5
        1 = "1" => null
        [1, 2] = [1, 2] => true
        "#,
    );
}

#[test]
fn what_is_not_executed_is_refused_by_name() {
    check(
        r#"
        now() => ! now()
        today() > x => ! today()
        for i in [1] return i => ! for
        date("2026-01-01") => ! date()
        date and time("x") => ! date and time()
        2 ** 3 => ! 乘方
        材料[item = 1] => ! 筛选
        1 + => ! 不完整
        "open => ! 结束引号
        a b => ! 多余
        {a: 1} => ! 此处不应为 {
        x instance of y => ! instance of
        1 / 0 => ! 除以零
        99999999999999999999999999999999999999 * 10 => ! 过大
        999999999999999999999999999999999999999999999 => ! 超出范围
        ; => ! 不认识的符号
        contains("a") => ! 参数个数
        "#,
    );
}

#[test]
fn hostile_expressions_stay_bounded() {
    for text in [
        "(".repeat(5000),
        "-".repeat(5000) + "1",
        "1".to_owned() + &"+1".repeat(3000),
        "[".repeat(3000),
        "a".to_owned() + &".b".repeat(3000),
        "if ".repeat(2000),
        "x".repeat(9000),
    ] {
        assert!(Feel.compile(&text).is_err(), "{text:.20}");
    }
    let many = "some a in 大 satisfies some b in 大 satisfies some c in 大 satisfies false";
    let big: Vars = [("大".into(), Value::from(vec![0; 200]))]
        .into_iter()
        .collect();
    assert!(Feel.compile(many).expect("compiles").eval(&big).is_err());
}

#[test]
fn names_are_the_free_variables() {
    let e = Feel
        .compile("some m in 材料 satisfies m = x and count(y) > z.a")
        .expect("compiles");
    let names: Vec<String> = e.names().into_iter().collect();
    assert_eq!(names, ["x", "y", "z", "材料"]);
}

#[test]
fn decimals_print_as_read() {
    for (text, shown) in [
        ("0.05", "0.05"),
        ("-12.30", "-12.3"),
        ("1e3", "1000"),
        ("5e-2", "0.05"),
    ] {
        assert_eq!(Decimal::parse(text).expect("a number").to_string(), shown);
    }
    assert!(Decimal::parse(".").is_none() && Decimal::parse("1x").is_none());
}
