use tongban_documents::{FontSet, Press};
use tongban_kernel::{Actor, ErrorKind, Post};
use tongban_licences::{issue, licence_file, make_file, my_licences, signed_file};
use tongban_testkit::{TestStore, on_both_engines};

use crate::city::{City, migrations};

on_both_engines!(migrations();
    the_same_case_gets_the_same_licence,
    parallel_orders_share_a_licence_and_never_a_number,
    a_refused_order_costs_no_number,
    only_the_platform_and_the_issuing_organ_issue,
    a_holder_sees_only_their_own,
    nothing_of_the_holder_is_readable_in_the_store,
);

async fn the_same_case_gets_the_same_licence(store: TestStore) {
    let city = City::on(store).await;
    let first = city.issued(1).await;
    let again = city.issued(1).await;
    assert_eq!(first, again);
    assert_eq!(first.number, "市场监管局〔2026〕000001号");
    assert!(
        first
            .identifier
            .starts_with("1.2.156.3005.2.11370800MB28559184001.11370800MB28559184.2026000001.001.")
    );
    assert_eq!(city.issued(2).await.number, "市场监管局〔2026〕000002号");
    city.sequence().await;
    assert_eq!(city.count("SELECT COUNT(*) FROM licence").await, 2);
    assert_eq!(city.count("SELECT COUNT(*) FROM tlog_leaf").await, 2);
    assert_eq!(
        city.count("SELECT COUNT(*) FROM outbox WHERE kind = 'licences.licence.issued'")
            .await,
        2
    );
    assert_eq!(
        city.count("SELECT COUNT(*) FROM outbox WHERE kind = 'licences.file.wanted'")
            .await,
        2
    );
}

async fn parallel_orders_share_a_licence_and_never_a_number(store: TestStore) {
    let city = City::on(store).await;
    let one = || issue(&city.ctx, city.order(1));
    let (a, b, c, d) = tokio::join!(one(), one(), issue(&city.ctx, city.order(2)), one());
    let (a, b, c, d) = (a.expect("1"), b.expect("2"), c.expect("3"), d.expect("4"));
    assert_eq!(a, b);
    assert_eq!(a, d);
    let mut numbers = [a.number, c.number];
    numbers.sort();
    assert_eq!(
        numbers,
        ["市场监管局〔2026〕000001号", "市场监管局〔2026〕000002号"]
    );
    assert_eq!(city.count("SELECT COUNT(*) FROM licence").await, 2);
}

async fn a_refused_order_costs_no_number(store: TestStore) {
    let city = City::on(store).await;
    let mut order = city.order(1);
    order.face.remove("premises");
    let error = issue(&city.ctx, order).await.expect_err("incomplete");
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Invalid, "licence.face")
    );
    assert_eq!(error.field_problems()[0].field, "premises");
    let mut order = city.order(1);
    order.valid_to = Some(order.valid_from.yesterday().expect("a day"));
    assert_eq!(
        issue(&city.ctx, order)
            .await
            .expect_err("ends before it begins")
            .code(),
        "licence.validity"
    );
    assert_eq!(city.count("SELECT COUNT(*) FROM outbox").await, 0);
    assert_eq!(city.issued(1).await.number, "市场监管局〔2026〕000001号");
}

async fn only_the_platform_and_the_issuing_organ_issue(store: TestStore) {
    let city = City::on(store).await;
    let by = async |ctx| {
        issue(&ctx, city.order(1))
            .await
            .map_err(|error| error.kind())
    };
    let issuer = city.officer(city.organ, Post::Issuer).await;
    let decider = city.officer(city.organ, Post::Decider).await;
    let foreign = city.officer(city.other_organ, Post::Issuer).await;
    assert_eq!(by(decider).await, Err(ErrorKind::NotAllowed));
    assert_eq!(by(foreign).await, Err(ErrorKind::NotAllowed));
    assert_eq!(
        by(city.citizen(city.li_na, None)).await,
        Err(ErrorKind::NotAllowed)
    );
    assert_eq!(
        by(city.ctx.as_actor(Actor::Anonymous)).await,
        Err(ErrorKind::Unauthenticated)
    );
    assert!(by(issuer).await.is_ok());
}

async fn a_holder_sees_only_their_own(store: TestStore) {
    let city = City::on(store).await;
    let licence = city.issued(1).await.licence;
    let li_na = city.citizen(city.li_na, None);
    let own = my_licences(&li_na).await.expect("listed");
    assert_eq!((own.len(), own[0].holder.as_str()), (1, "李娜"));
    assert!(signed_file(&li_na, licence).await.is_ok());
    // Acting for the enterprise she is not the person that holds it.
    let agent = city.citizen(city.li_na, Some(city.enterprise));
    assert!(my_licences(&agent).await.expect("listed").is_empty());
    let stranger = city.citizen(city.stranger, None);
    assert!(my_licences(&stranger).await.expect("listed").is_empty());
    for ctx in [agent, stranger] {
        let error = signed_file(&ctx, licence).await.expect_err("not hers");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let nobody = city.ctx.as_actor(Actor::Anonymous);
    assert_eq!(
        my_licences(&nobody).await.expect_err("who").kind(),
        ErrorKind::Unauthenticated
    );
    let early = licence_file(&li_na, licence)
        .await
        .expect_err("not made yet");
    assert_eq!(early.kind(), ErrorKind::Unavailable);
}

async fn nothing_of_the_holder_is_readable_in_the_store(store: TestStore) {
    let city = City::on(store).await;
    city.issued(1).await;
    let rows: Vec<Vec<u8>> = city
        .ctx
        .db
        .read(|tx| tx.all("SELECT sealed FROM licence_version", &[], |row| row.get(0)))
        .await
        .expect("read");
    let texts: Vec<String> = city
        .ctx
        .db
        .read(|tx| {
            tx.all(
                "SELECT holder_index FROM licence UNION ALL SELECT event FROM outbox",
                &[],
                |row| row.get(0),
            )
        })
        .await
        .expect("read");
    assert!(!rows.is_empty() && !texts.is_empty());
    let holds =
        |hay: &[u8], needle: &[u8]| hay.windows(needle.len()).any(|window| window == needle);
    for bytes in rows
        .iter()
        .map(Vec::as_slice)
        .chain(texts.iter().map(String::as_bytes))
    {
        assert!(!holds(bytes, "李娜".as_bytes()) && !holds(bytes, b"19491231"));
    }
}

/// On one engine: the press takes its time and does not care for the store.
#[test]
fn the_file_is_made_once_and_its_seal_verifies() {
    tongban_testkit::block_on(async {
        let mut city = City::on(tongban_testkit::sqlite(migrations()).await).await;
        city.ctx.parts = city.ctx.parts.clone().with(Press::new(FontSet::embedded()));
        let licence = city.issued(1).await.licence;
        make_file(&city.ctx, licence).await.expect("made");
        let li_na = city.citizen(city.li_na, None);
        let (row, pdf) = licence_file(&li_na, licence).await.expect("hers");
        make_file(&city.ctx, licence).await.expect("made before");
        let (same, _) = licence_file(&li_na, licence).await.expect("hers");
        assert_eq!(row.file_sha256, same.file_sha256);
        let seals = city
            .ctx
            .parts
            .get::<tongban_licences::SealKeys>()
            .expect("wired");
        let anchors = seals.anchors().expect("a root");
        let report = tongban_seal::pdf::verify(&pdf, &anchors).expect("a PDF");
        assert!(report.is_ok(), "{report:?}");
        let mut damaged = pdf.clone();
        damaged[pdf.len() / 3] ^= 1;
        assert!(!tongban_seal::pdf::verify(&damaged, &anchors).is_ok_and(|report| report.is_ok()));
        assert!(!tongban_seal::pdf::verify(&pdf, &[]).is_ok_and(|report| report.is_ok()));
    });
}
