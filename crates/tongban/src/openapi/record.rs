//! The record as an event log.

use serde_json::json;

use super::parts::{Op, Who, body};
use super::schemas::{Shapes, count, list, object, one_of, text, time, truth};
use super::{Route, route};

const FORMATS: &[&str] = &["ocel", "xes", "xes-tasks"];

pub(super) fn routes() -> Vec<Route> {
    let op = |id, summary| Op::new(id, "审计", summary, Who::Somebody);
    vec![
        route(
            "get",
            "/api/v1/record-exports",
            op("listRecordExports", "最近的导出：谁、为何、导出了什么").ok("RecordExportList"),
        ),
        route(
            "post",
            "/api/v1/record-exports",
            op("exportRecord", "把办件的经过导出为事件日志（OCEL 2.0、XES）")
                .describe("不含申请人的信息和任何人填写的文字；工作人员以代号出现，代号只在一份导出里有效，只有用途必需时才写明姓名。每次导出都记入透明日志。")
                .body(body("NewRecordExport"))
                .file(&["application/json", "application/xml"], "文件")
                .problems(&[422]),
        ),
    ]
}

pub(super) fn shapes() -> Shapes {
    let format = || one_of("格式", FORMATS);
    let day = |words: &str| json!({"type": "string", "format": "date", "description": words});
    let selection = object(&[
        ("item?", text("事项的实施编码")),
        ("organ?", text("实施主体的统一社会信用代码")),
        ("process?", text("流程版本：文件内容的 SHA-256")),
        ("state?", text("open、ended，或者国家标准状态码 1–15")),
        ("from?", day("提交日期从")),
        ("until?", day("提交日期到（含）")),
        (
            "numbers?",
            json!({"type": "array", "maxItems": 1000, "items": {"type": "string"}, "description": "办件编号；给出后不再看其他条件"}),
        ),
    ]);
    let made = object(&[
        ("n", count("第几次导出")),
        ("at", time("时间")),
        ("by_whom", text("经办人")),
        ("format", format()),
        ("names", truth("写明工作人员姓名")),
        ("purpose", text("用途")),
        ("cases", count("办件数")),
        ("events", count("事件数")),
        ("sha256", text("文件的 SHA-256")),
        ("leaf", text("透明日志中的叶")),
    ]);
    vec![
        (
            "NewRecordExport",
            object(&[
                ("format", format()),
                ("names?", truth("写明工作人员姓名")),
                ("selection?", selection),
                (
                    "purpose",
                    json!({"type": "string", "minLength": 1, "maxLength": 500, "description": "用途"}),
                ),
            ]),
        ),
        ("RecordExport", made),
        ("RecordExportList", list("RecordExport")),
    ]
}
