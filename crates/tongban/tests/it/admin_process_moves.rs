//! Running cases go to another version of their process, on both engines.

use tongban_cases::audit_case;
use tongban_storage::params;

use crate::admin::one;
use crate::admin_processes::{FILE, hash_of, published};
use crate::browser::Browser;
use crate::city::{City, in_the_city};

in_the_city!(running_cases_are_moved);

/// Hash of the version, state of the process and number of events of the only case.
async fn case_row(city: &City) -> (String, String, i64) {
    let read = city.app.ctx.db.read(|tx| {
        tx.one(
            "SELECT process_hash, process_state, event_n FROM case_file",
            params![],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    });
    read.await.expect("one case")
}

/// A case that an officer takes further between order and execution is moved from where it then stands.
async fn goes_on_meanwhile(city: &City) {
    let (_, receipt) = city.submitted_with("another").await;
    let admin = Browser::of(city, "xitong").await;
    let old: String = one(city, "SELECT process_hash FROM case_file WHERE is_open = 1").await;
    city.clock.advance(jiff::SignedDuration::from_secs(5));
    // A task of an officer cannot become one of the applicant under way.
    let task = "id=\"first_look\" name=\"初审\" tb:post=\"counter\"";
    let next = next_version();
    assert!(next.contains(task), "the file of this test");
    let swapped = next.replace(
        &format!("{task} tb:act=\"pre-review\""),
        &format!(
            "{} tb:act=\"supplement\"",
            task.replace("counter", "applicant")
        ),
    );
    assert_ne!(swapped, next);
    let elsewhere = published(&admin, &swapped).await;
    let path = format!("/admin/processes/{old}/moves");
    let form = admin.get(&format!("{path}?to={elsewhere}")).await.is(200);
    let bare = [("to", elsewhere.as_str()), ("step", "try")];
    let tried = admin.post(&form, &path, &bare).await.is(200);
    tried
        .has("0 件可以迁移，1 件不能")
        .has("办理人在申请人和工作人员之间变了");

    city.clock.advance(jiff::SignedDuration::from_secs(5));
    let later = next.replace("name=\"受理\"", "name=\"受理（新）\"");
    let to = published(&admin, &later).await;
    let form = admin.get(&format!("{path}?to={to}")).await.is(200);
    let idem = form.hidden("idem");
    let order = [
        ("to", to.as_str()),
        ("step", "order"),
        ("reason", "改名"),
        ("idem", idem.as_str()),
    ];
    let ordered = admin.post(&form, &path, &order).await.is(303).location;
    city.passed(&receipt.project_no).await;
    city.settle().await;
    let report = admin.get(&ordered).await.is(200);
    report.has("已迁移 1 件，未迁移 0 件");
    let names = "SELECT name FROM task WHERE state = 'open'";
    assert_eq!(one::<String>(city, names).await, "受理（新）");
}

fn next_version() -> String {
    FILE.replace("\"pre_review\"", "\"first_look\"")
        .replace(">pre_review<", ">first_look<")
        .replace("name=\"预审\"", "name=\"初审\"")
}

async fn running_cases_are_moved(city: City) {
    let (citizen, receipt) = city.submitted().await;
    let id = tongban_cases::case_by_number(&citizen, &receipt.project_no);
    let id = id.await.expect("hers").case.id;
    city.clock.advance(jiff::SignedDuration::from_secs(5));
    let admin = Browser::of(&city, "xitong").await;
    let next = next_version();
    let (old, new) = (hash_of(FILE), published(&admin, &next).await);
    let before = case_row(&city).await;
    assert_eq!(before.0, old, "a running case stays on its version");

    let path = format!("/admin/processes/{old}/moves");
    admin.get(&path).await.is(200).has(&new[..12]);
    let form = admin.get(&format!("{path}?to={new}")).await.is(200);
    let form = form.has("name=\"m.pre_review\"");
    // Without a place for the open task nothing can be moved; whoever orders it all the same is told in the report.
    let idem = form.hidden("idem");
    let bare = [("to", new.as_str()), ("step", "try")];
    let tried = admin.post(&form, &path, &bare).await.is(200);
    let tried = tried
        .has("0 件可以迁移，1 件不能")
        .has("新版本中没有这个环节");
    let order = [
        ("to", new.as_str()),
        ("step", "order"),
        ("reason", "改名"),
        ("idem", idem.as_str()),
    ];
    let ordered = admin.post(&tried, &path, &order).await.is(303).location;
    admin.get(&ordered).await.is(200).has("正在逐件执行");
    city.settle().await;
    let report = admin.get(&ordered).await.is(200);
    report
        .has("已迁移 0 件，未迁移 1 件")
        .has("新版本中没有这个环节");
    assert_eq!(
        case_row(&city).await,
        before,
        "a refused case stays as it was"
    );

    let form = admin.get(&format!("{path}?to={new}")).await.is(200);
    let idem = form.hidden("idem");
    let mut fields = vec![
        ("to", new.as_str()),
        ("m.pre_review", "first_look"),
        ("idem", idem.as_str()),
    ];
    fields.push(("step", "try"));
    let tried = admin.post(&form, &path, &fields).await.is(200);
    let tried = tried.has("1 件可以迁移，0 件不能");
    assert_eq!(case_row(&city).await, before, "a trial changes nothing");
    fields.pop();
    fields.push(("step", "order"));
    admin
        .post(&tried, &path, &fields)
        .await
        .is(422)
        .has("请填写理由");
    fields.push(("reason", "预审改称初审"));
    let ordered = admin.post(&tried, &path, &fields).await.is(303).location;
    let again = admin.post(&tried, &path, &fields).await.is(303).location;
    assert_eq!(again, ordered, "a double click is one order");
    city.settle().await;
    admin
        .get(&ordered)
        .await
        .is(200)
        .has("已迁移 1 件，未迁移 0 件");
    let after = case_row(&city).await;
    assert_eq!((after.0.as_str(), after.2), (new.as_str(), before.2 + 1));
    // A worker that sees the order again changes nothing.
    let n: u32 = one(&city, "SELECT MAX(n) FROM process_migration").await;
    tongban_cases::run_move(&city.app.ctx, n)
        .await
        .expect("a repeat");
    assert_eq!(case_row(&city).await, after);
    assert!(audit_case(&city.app.ctx, id).await.expect("audited"));
    let names = "SELECT name FROM task WHERE state = 'open'";
    assert_eq!(one::<String>(&city, names).await, "初审");
    let citizen = Browser::of(&city, "chenxiaoyun").await;
    let seen = citizen.get(&format!("/cases/{}", receipt.project_no)).await;
    seen.is(200).has("办理流程更新").has("预审改称初审");

    city.decided(&receipt.project_no, true)
        .await
        .expect("to its end");
    city.settle().await;
    assert!(audit_case(&city.app.ctx, id).await.expect("audited"));
    let ended = "SELECT COUNT(*) FROM case_file WHERE state_code = 10 OR is_open = 0";
    assert_eq!(one::<i64>(&city, ended).await, 1);
    goes_on_meanwhile(&city).await;
}
