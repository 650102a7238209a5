//! FEEL texts: values, names, refusals.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tongban_decisions::{Expressions, Feel, FeelWith};

type Names = BTreeMap<Arc<str>, Value>;

fn names(values: Value) -> Names {
    let Value::Object(values) = values else {
        panic!("not an object")
    };
    values
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect()
}

#[track_caller]
fn eval(text: &str, values: Value) -> Value {
    let compiled = Feel.compile(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    compiled
        .eval(&names(values))
        .unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// The sentence of the refusal, when compiled or when evaluated.
#[track_caller]
fn refusal(text: &str, values: Value) -> String {
    match Feel.compile(text) {
        Err(error) => error.0,
        Ok(compiled) => match compiled.eval(&names(values)) {
            Err(error) => error.0,
            Ok(value) => panic!("{text:.200} gave {value:.100}", value = value.to_string()),
        },
    }
}

#[test]
fn values_and_names() {
    let none = json!({});
    for (text, values, expected) in [
        ("0.1 + 0.2", none.clone(), json!(0.3)),
        ("a + b * 2", json!({"a": 1, "b": 2.5}), json!(6)),
        ("a-b", json!({"a": 5, "b": 2}), json!(3)),
        (
            "Full Name + \"!\"",
            json!({"Full Name": "Ann"}),
            json!("Ann!"),
        ),
        (
            "营业面积 >= 500 and 主体类型 = \"企业\"",
            json!({"营业面积": 620, "主体类型": "企业"}),
            json!(true),
        ),
        (
            "申请人.年龄 + 1",
            json!({"申请人": {"年龄": 30}}),
            json!(31),
        ),
        (
            "some m in 材料 satisfies m = \"健康证\"",
            json!({"材料": ["身份证", "健康证"]}),
            json!(true),
        ),
        (
            "count(材料[状态 = \"缺\"])",
            json!({"材料": [{"状态": "缺"}, {"状态": "齐"}]}),
            json!(1),
        ),
        (
            "材料[数量 > 下限]",
            json!({"材料": [{"数量": 3}, {"数量": 1}], "下限": 2}),
            json!([{"数量": 3}]),
        ),
        (
            "date(申请日) + duration(\"P5D\")",
            json!({"申请日": "2026-02-26"}),
            json!("2026-03-03"),
        ),
        ("string length(\"通办\")", none.clone(), json!(2)),
        (
            "if a then [1, null] else {b: 1}",
            json!({"a": true}),
            json!([1, null]),
        ),
        (
            "for i in 1..n return i * i",
            json!({"n": 4}),
            json!([1, 4, 9, 16]),
        ),
        ("{a: 1, b: a + 1}.b", none.clone(), json!(2)),
        ("没有的名字", none.clone(), Value::Null),
        ("a in [1..5]", json!({"a": 5}), json!(true)),
        (
            "a between 1 and 3 and b",
            json!({"a": 2, "b": true}),
            json!(true),
        ),
        ("100.0", none.clone(), json!(100)),
        (
            "12345678901234567890123456789",
            none.clone(),
            json!("12345678901234567890123456789"),
        ),
        ("{f: function(x) x + 1, r: f(2)}.r", none.clone(), json!(3)),
        (
            "sort([3, 1, 2], function(x, y) x < y)",
            none.clone(),
            json!([1, 2, 3]),
        ),
        ("\"//不是注释\" /* 注释 */", none, json!("//不是注释")),
    ] {
        assert_eq!(eval(text, values), expected, "{text}");
    }
}

#[test]
fn names_that_the_caller_declares_may_hold_operators() {
    let feel = FeelWith::new(["证照-编号", "a+b", "a"]);
    let compiled = feel
        .compile("证照-编号 = \"7\" and a+b = 1 and a = 2")
        .unwrap();
    assert_eq!(
        compiled.names().into_iter().collect::<Vec<_>>(),
        ["a", "a+b", "证照-编号"]
    );
    assert!(
        compiled
            .holds(&names(json!({"证照-编号": "7", "a+b": 1, "a": 2})))
            .unwrap()
    );
}

#[test]
fn a_condition_must_be_true_or_false() {
    let compiled = Feel.compile("面积 > 500").unwrap();
    assert!(compiled.holds(&names(json!({"面积": 501}))).unwrap());
    let error = compiled.holds(&names(json!({}))).unwrap_err();
    assert!(
        error.0.contains("面积 > 500") && error.0.contains("null"),
        "{error}"
    );
}

#[test]
fn the_clock_and_the_outside_are_refused_by_name() {
    assert!(refusal("now() > date and time(\"2026-01-01T00:00:00\")", json!({})).contains("now()"));
    assert!(refusal("{a: today()}.a", json!({})).contains("today()"));
    let external = "function(x) external {java: {class: \"java.lang.Math\", method signature: \"cos(double)\"}}";
    assert!(refusal(external, json!({})).contains("external"));
    assert!(refusal("a ==", json!({})).contains("不是有效的 FEEL"));
}

#[test]
fn hostile_texts_are_refused_soon() {
    let deep =
        |open: &str, close: &str, n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
    let doubling = (0..40).fold("{a0: \"xxxxxxxx\"".to_owned(), |text, i| {
        format!("{text}, a{}: a{i} + a{i}", i + 1)
    }) + "}";
    let lists = (0..40).fold("{a0: [1]".to_owned(), |text, i| {
        format!("{text}, a{}: [a{i}, a{i}]", i + 1)
    }) + "}";
    for text in [
        deep("(", ")", 3_000),
        deep("[", "]", 3_000),
        deep("{a:", "}", 1_500),
        deep("-", "", 7_000),
        deep("if true then ", " else 1", 400),
        deep("function() ", "", 600),
        format!("1{}", "=1".repeat(3_000)),
        format!("a{}", "+a".repeat(3_000)),
        format!("a{}", " and a".repeat(1_000)),
        "x ".repeat(4_000),
        format!("\"{}", "a".repeat(9_000)),
        "for i in 1..1000000000000 return i".to_owned(),
        "for i in 1..10**12 return i".to_owned(),
        "for a in 1..9999, b in 1..9999, c in 1..9999 return 1".to_owned(),
        "count(for a in 1..5000 return for b in 1..5000 return 1)".to_owned(),
        "some a in 1..99999, b in 1..99999 satisfies a = b + 1000000".to_owned(),
        "for i in 1..60 return partial".to_owned(),
        "for i in @\"0001-01-01\"..@\"9999-01-01\" return i".to_owned(),
        doubling,
        lists,
        "{f: function(n) f(n), r: f(1)}.r".to_owned(),
        "{f: function(g) g(g), r: f(f)}.r".to_owned(),
        "{a: [function(n) a[1](n)], r: a[1](1)}.r".to_owned(),
        "{f: function(n) (if n > 0 then f else abs)(n), r: f(1)}.r".to_owned(),
        "{c: [{f: function(n) c[1].f(n)}], r: c[1].f(1)}.r".to_owned(),
        "{h: [function(x, y) sort([2, 1], h[1])], r: sort([2, 1], h[1])}.r".to_owned(),
        "for i in 1..100000 return matches(\"a\", \"((a{100}){100}){10}\")".to_owned(),
        format!(
            "{}\"aa\"{}",
            "replace(".repeat(30),
            ",\"a\",\"aa\")".repeat(30)
        ),
        "string join(for i in 1..1000 return string(10**6000), \"\")".to_owned(),
        "now()".to_owned(),
    ] {
        let begin = std::time::Instant::now();
        refusal(&text, json!({"a": true}));
        assert!(
            begin.elapsed().as_millis() < 3_000,
            "{text:.60}: {:?}",
            begin.elapsed()
        );
    }
}

/// The deepest texts that are taken fit the two megabytes of a thread's stack.
#[test]
fn the_deepest_texts_run() {
    for text in [
        format!("(1){}", "+(1)".repeat(90)),
        format!("[1]{}", "[item > 0]".repeat(90)),
        format!("{}1{}", "[".repeat(40), "]".repeat(40)),
        format!("{}1{}", "{a: ".repeat(40), "}".repeat(40)),
        format!("{}1{}", "abs(".repeat(40), ")".repeat(40)),
        format!(
            "{}1{}",
            "if (true) then (".repeat(40),
            ") else (2)".repeat(40)
        ),
        format!("(true){}", " and (true)".repeat(90)),
    ] {
        match Feel.compile(&text) {
            Ok(compiled) => drop(compiled.eval(&names(json!({})))),
            Err(error) => panic!("{text:.60}: {error}"),
        }
    }
}

#[test]
fn a_result_has_a_limit() {
    let texts = json!((0..9_000).map(|n| format!("第{n}号")).collect::<Vec<_>>());
    assert!(refusal("a", json!({ "a": texts })).contains("结果过大"));
    let long = "x".repeat(2_000_000);
    assert!(refusal("a", json!({ "a": long })).contains("传入的数据过大"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]

    /// Whatever the text, there is an answer or a sentence.
    #[test]
    fn no_text_panics(text in "([a-c甲乙 ]|[0-9.\"+*/(){}\\[\\],:=<>@?'-]|for |in |if |then |else |function|return |some |satisfies |not|and |or |\\.\\.|null|item|partial|date|\\\\u){0,60}") {
        if let Ok(compiled) = Feel.compile(&text) {
            let _ = compiled.eval(&names(json!({"a": 1, "b": [1, "x"], "c": {"a": null}})));
        }
    }

    #[test]
    fn whole_numbers_come_back(n in proptest::prelude::any::<i64>(), m in 0u32..1_000_000) {
        proptest::prop_assert_eq!(eval("a", json!({"a": n})), json!(n));
        let cents = f64::from(m) / 100.0;
        let back = eval("a", json!({"a": cents}));
        proptest::prop_assert_eq!(back.as_f64(), Some(cents));
    }
}
