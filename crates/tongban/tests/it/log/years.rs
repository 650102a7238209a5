//! First of January: the old log is closed, the new one begins with its final checkpoint.

use jiff::Timestamp;
use tongban::translog::{self, Tree};
use tongban_tlog::leaf::previous_log;
use tongban_tlog::{Checkpoint, Note, decode_entries, verify_bundle};

use super::{bundle_of, policy_of};
use crate::city::{City, in_the_city};

in_the_city!(
    the_year_turns_and_old_proofs_keep_verifying,
    a_year_without_a_leaf_and_years_asleep_are_linked_too,
    a_clock_that_steps_back_turns_no_year,
);

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

async fn head(city: &City, year: i64) -> Checkpoint {
    let note = translog::checkpoint(&city.app.ctx, Some(year), Tree::Sha256)
        .await
        .expect("a checkpoint");
    Checkpoint::parse(Note::parse(&note).expect("a note").text()).expect("a checkpoint")
}

/// The first entries of the log of a year.
async fn entries(city: &City, year: i64, n: u64) -> Vec<Vec<u8>> {
    let path = format!("tile/entries/000.p/{n}");
    let served = translog::tile(&city.app.ctx, Some(year), Tree::Sha256, &path)
        .await
        .expect("entries");
    decode_entries(&served.bytes)
        .expect("entries")
        .into_iter()
        .map(<[u8]>::to_vec)
        .collect()
}

fn minute(entry: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(entry).ok()?;
    text.starts_with("gov-case-event/v1\n")
        .then(|| text.lines().nth(1))
        .flatten()
}

async fn the_year_turns_and_old_proofs_keep_verifying(city: City) {
    city.clock.set(at("2026-12-31T09:00:00Z"));
    let (citizen, old) = city.submitted_with("year-old").await;
    city.sequenced().await;
    let (before, policy) = (
        bundle_of(&city, &citizen, &old.project_no).await,
        policy_of(&city).await,
    );
    // One leaf in the last second of the year in China, none of the sequencer's rounds after it …
    city.clock.set(at("2026-12-31T15:59:59Z"));
    city.submitted_with("last-second").await;
    // … and the sequencer sees it together with the first of the new year.
    city.clock.set(at("2026-12-31T16:00:00Z"));
    let (_, new) = city.submitted_with("new-year").await;
    city.decided(&old.project_no, true).await.expect("decided");
    city.sequenced().await;

    let volumes = translog::volumes(&city.app.ctx).await.expect("two logs");
    let origins: Vec<&str> = volumes.iter().map(|log| log.origin.as_str()).collect();
    assert_eq!(
        origins,
        ["log.tongban.invalid/2026", "log.tongban.invalid/2027"]
    );
    let last = head(&city, 2026).await;
    assert_eq!(volumes[0].size, Some(last.size));
    assert_eq!((last.origin.as_str(), volumes[1].size), (origins[0], None));
    let first = entries(&city, 2027, head(&city, 2027).await.size).await;
    assert_eq!(previous_log(&first[0]), Some(last.clone()), "the link");
    for entry in entries(&city, 2026, last.size).await {
        let minute = minute(&entry).unwrap_or("2026-12-31T15:59Z").to_owned();
        assert!(
            minute.as_str() < "2026-12-31T16:00Z",
            "{minute} in the old log"
        );
    }
    for minute in first.iter().filter_map(|entry| minute(entry)) {
        assert!(minute >= "2026-12-31T16:00Z", "{minute} in the new log");
    }

    // The policy of last year knows the log of this one; what was proved stays proved; a case of two years is proved by both logs.
    assert!(verify_bundle(&before, &policy).is_ok());
    let after = bundle_of(&city, &citizen, &old.project_no).await;
    let report = verify_bundle(&after, &policy);
    assert!(report.is_ok(), "{:?}", report.steps);
    assert_eq!((before.logs.len(), after.logs.len()), (1, 2));
    let only_new = bundle_of(&city, &citizen, &new.project_no).await;
    assert!(verify_bundle(&only_new, &policy).is_ok());
    assert_eq!(
        only_new.logs.len(),
        1,
        "a case of this year needs no log of the last"
    );
    assert_eq!(before.events[0].fields, after.events[0].fields);

    // With a policy of which the new log is unknown, the proofs of the new year are not believed.
    let text = translog::policy(&city.app.ctx).await.expect("a policy");
    let forgetful: String = text
        .lines()
        .filter(|line| !line.contains("/2027"))
        .map(|line| format!("{line}\n"))
        .collect();
    let forgetful = tongban_tlog::Policy::parse(&forgetful).expect("readable");
    assert!(!verify_bundle(&only_new, &forgetful).is_ok());
}

async fn a_year_without_a_leaf_and_years_asleep_are_linked_too(city: City) {
    city.submitted().await;
    city.sequenced().await;
    // The machine is off for two New Years, and nothing happens in the year in which it wakes.
    city.clock.set(at("2028-06-01T00:00:00Z"));
    city.sequenced().await;
    city.clock.set(at("2029-01-01T00:00:00Z"));
    city.sequenced().await;
    let years: Vec<i64> = translog::volumes(&city.app.ctx)
        .await
        .expect("logs")
        .iter()
        .map(|log| log.year)
        .collect();
    assert_eq!(years, [2026, 2028, 2029]);
    for (old, new) in [(2026, 2028), (2028, 2029)] {
        let size = head(&city, new).await.size;
        let opening = &entries(&city, new, size).await[0];
        assert_eq!(previous_log(opening), Some(head(&city, old).await));
    }
}

async fn a_clock_that_steps_back_turns_no_year(city: City) {
    city.clock.set(at("2027-01-01T00:00:00Z"));
    city.sequenced().await;
    city.clock.set(at("2026-12-30T00:00:00Z"));
    let (citizen, receipt) = city.submitted().await;
    city.sequenced().await;
    let volumes = translog::volumes(&city.app.ctx).await.expect("logs");
    assert_eq!(volumes.len(), 2);
    // Order is by index: the leaf with the earlier time is in the log that grows.
    let bundle = bundle_of(&city, &citizen, &receipt.project_no).await;
    assert!(
        bundle.events[0]
            .proof
            .contains("log.tongban.invalid/2027\n")
    );
    assert!(verify_bundle(&bundle, &policy_of(&city).await).is_ok());
}
