//! 代办: who does the tasks in hand of officers who are away.

use super::parts::{Op, Who, body, list_params, path_param};
use super::schemas::{Shapes, date, list, object, one_of, text, written};
use super::{Route, route};

const TAG: &str = "办理";

pub(super) fn routes() -> Vec<Route> {
    let summary = "代办安排：本人的；决定人员看本机构的；安全管理员看全部的";
    let cover = path_param("cover", "代办", "cov_019a0000000070008000000000000000");
    vec![
        route(
            "get",
            "/api/v1/covers",
            Op::new("listCovers", TAG, summary, Who::Somebody)
                .params(list_params())
                .ok("CoverList")
                .problems(&[403]),
        ),
        route(
            "post",
            "/api/v1/covers",
            Op::new("nameCover", TAG, "为休假人员指定代办人", Who::Somebody)
                .once()
                .body(body("NewCover"))
                .created("NamedCover", "已指定")
                .problems(&[403, 404, 409, 422]),
        ),
        route(
            "post",
            "/api/v1/covers/{cover}/end",
            Op::new("endCover", TAG, "提前结束代办", Who::Somebody)
                .params(vec![cover])
                .once()
                .empty("已结束")
                .problems(&[403, 404, 409, 422]),
        ),
    ]
}

pub(super) fn shapes() -> Shapes {
    let states = ["ahead", "in-force", "over", "ended"];
    vec![
        (
            "Cover",
            object(&[
                ("cover_no", text("cov_…")),
                ("absent", text("休假人员")),
                ("absent_name", text("休假人员姓名")),
                ("cover", text("代办人")),
                ("cover_name", text("代办人姓名")),
                ("from", date("第一天")),
                ("to", date("最后一天")),
                ("reason", text("理由")),
                ("named_by", text("指定人")),
                ("state", one_of("状态", &states)),
            ]),
        ),
        ("CoverList", list("Cover")),
        (
            "NewCover",
            object(&[
                ("absent", written("休假人员", 100)),
                ("cover", written("代办人", 100)),
                ("from", date("第一天")),
                ("to", date("最后一天")),
                ("reason", written("理由", 200)),
            ]),
        ),
        ("NamedCover", object(&[("cover_no", text("cov_…"))])),
    ]
}
