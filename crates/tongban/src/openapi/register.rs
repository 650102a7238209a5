//! The register of licences and the acts on it.

use serde_json::json;

use super::parts::{Op, Who, body, list_params, path_param, query_param};
use super::schemas::{Shapes, date, list, many, object, one_of, or_null, schema, text, time};
use super::{Route, route};

const IDENTIFIER: &str =
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U";
const OPERATIONS: [&str; 5] = ["withhold", "resume", "annul", "revoke", "deregister"];

pub(super) fn routes() -> Vec<Route> {
    let identifier = || {
        path_param(
            "identifier",
            "电子证照标识（GB/T 36904），任何一个版本的",
            IDENTIFIER,
        )
    };
    let mut narrow = vec![
        query_param(
            "q",
            "证照编号、标识、办件编号，或持证主体完整的名称、证件号码",
            json!({"type": "string", "maxLength": 200}),
        ),
        query_param(
            "state",
            "证照状态代码",
            json!({"type": "string", "enum": ["01", "02", "03", "04", "05", "06", "07", "99"]}),
        ),
        query_param(
            "type",
            "证照类型代码",
            json!({"type": "string", "maxLength": 100}),
        ),
    ];
    narrow.extend(list_params());
    vec![
        route(
            "get",
            "/api/v1/licences",
            Op::new(
                "listLicences",
                "证照",
                "证照登记：本机关颁发的证照，新的在前",
                Who::Somebody,
            )
            .params(narrow)
            .ok("LicenceList")
            .problems(&[422]),
        ),
        route(
            "get",
            "/api/v1/licences/{identifier}",
            Op::new(
                "readLicence",
                "证照",
                "一件证照和它的历次记录",
                Who::Somebody,
            )
            .params(vec![identifier()])
            .ok("LicenceEntry")
            .problems(&[404]),
        ),
        route(
            "post",
            "/api/v1/licences/{identifier}/changes",
            Op::new(
                "changeLicence",
                "证照",
                "暂扣、恢复、撤销、吊销、注销（行政许可法 第六十九条、第七十条）",
                Who::Somebody,
            )
            .describe("由发证机关的决定人员办理；每次生成新的版本和标识，记入透明日志。")
            .params(vec![identifier()])
            .once()
            .body(body("NewLicenceChange"))
            .ok("LicenceChanged")
            .problems(&[403, 404, 409, 422]),
        ),
    ]
}

pub(super) fn shapes() -> Shapes {
    let line = object(&[
        ("identifier", text("现在这一版的标识")),
        ("certificate_name", text("证照名称")),
        ("certificate_number", text("证照编号")),
        ("certificate_type_code", text("证照类型代码")),
        (
            "certificate_holder",
            text("持证主体；列表里个人的姓名有遮盖"),
        ),
        ("issue_dept", text("颁发机构")),
        ("issue_date", date("颁发日期")),
        ("valid_from", date("有效期起")),
        (
            "valid_to",
            json!({"type": ["string", "null"], "format": "date", "description": "有效期止；长期有效为 null"}),
        ),
        ("cert_state", text("证照状态代码")),
        (
            "verdict",
            one_of(
                "结论",
                &["valid", "not-yet-valid", "suspended", "revoked", "expired"],
            ),
        ),
        ("project_no", text("办件编号")),
    ]);
    let version = object(&[
        (
            "version",
            json!({"type": "integer", "minimum": 1, "description": "版本号"}),
        ),
        ("identifier", text("这一版的标识")),
        ("operation", text("操作")),
        ("at", time("时间")),
        ("by_whom", text("经办人")),
        ("reason", text("理由")),
        ("log_index", or_null("integer", "在日志中的位置")),
    ]);
    let entry = object(&[
        ("licence", schema("LicenceLine")),
        ("versions", many(schema("LicenceVersion"))),
        ("possible", many(one_of("现在可以办理的操作", &OPERATIONS))),
    ]);
    let bounded = |meaning: &str, most: u32| json!({"type": "string", "maxLength": most, "description": meaning});
    let change = object(&[
        ("operation", one_of("操作", &OPERATIONS)),
        (
            "ground?",
            bounded(
                "annul：abuse-of-power、beyond-powers、against-procedure、not-qualified、other-by-law、fraud；deregister：not-renewed、person-gone、organisation-ended、permit-removed、force-majeure、other-by-law",
                40,
            ),
        ),
        (
            "decision_no?",
            bounded("行政处罚决定书文号；withhold、revoke 必填", 100),
        ),
        ("until?", bounded("暂扣的最后一天；空：至办理恢复为止", 10)),
        (
            "reason",
            json!({"type": "string", "minLength": 1, "maxLength": 2000, "description": "理由"}),
        ),
    ]);
    let changed = object(&[
        ("identifier", text("新一版的标识")),
        ("certificate_name", text("证照名称")),
        ("certificate_number", text("证照编号")),
    ]);
    vec![
        ("LicenceLine", line),
        ("LicenceList", list("LicenceLine")),
        ("LicenceVersion", version),
        ("LicenceEntry", entry),
        ("NewLicenceChange", change),
        ("LicenceChanged", changed),
    ]
}
