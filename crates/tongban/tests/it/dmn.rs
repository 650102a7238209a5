//! `tongban dmn` as a program: output and exit status.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../decisions/testdata")
        .join(name)
}

fn tongban(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tongban"))
        .arg("dmn")
        .args(arguments)
        .output()
        .expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn a_decision_with_its_rules() {
    let file = model("情形引导.dmn");
    let file = file.to_str().expect("UTF-8");
    let input = r#"{"是否首次申请": false, "经营项目": "预包装", "是否委托办理": true}"#;
    let (status, out, _) = tongban(&[
        "run",
        file,
        "--decision",
        "所需材料",
        "--input",
        input,
        "--json",
    ]);
    let told: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(status, 0);
    assert_eq!(
        told,
        json!({
            "decision": {"id": "d1", "name": "所需材料"},
            "result": ["申请书", "原许可证", "授权委托书"],
            "rules": [{"id": "m1", "index": 1}, {"id": "m3", "index": 3}, {"id": "m6", "index": 6}],
            "errors": [],
            "warnings": [],
        })
    );
    let (status, out, _) = tongban(&["run", file, "--input", input]);
    assert_eq!(status, 0);
    assert_eq!(
        out,
        "结果：[\"申请书\",\"原许可证\",\"授权委托书\"]\n符合第 1 条规则（m1）\n符合第 3 条规则（m3）\n符合第 6 条规则（m6）\n"
    );
}

#[test]
fn what_cannot_be_decided_and_what_cannot_be_loaded() {
    let file = model("情形引导.dmn");
    let file = file.to_str().expect("UTF-8");
    let (status, out, _) = tongban(&["run", file, "--input", "{}", "--json"]);
    let told: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(status, 1);
    let message = told["errors"][0]["message"].as_str().expect("a sentence");
    assert!(message.starts_with("缺少输入："), "{message}");
    assert_eq!(tongban(&["run", file, "--decision", "没有"]).0, 1);
    for arguments in [
        &["run", "/does/not/exist"][..],
        &["run", file, "--input", "[1]"],
        &["check", file, "--with", file, "--with", "/no"],
    ] {
        let (status, out, err) = tongban(arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}");
        assert!(err.starts_with("tongban: "), "{err}");
    }
    let (status, out, _) = tongban(&["check", file]);
    assert_eq!((status, out.as_str()), (0, "文件可用；可以问：所需材料\n"));
}
