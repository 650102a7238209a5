//! Units of work: all or nothing, one winner, nothing doubled.

use jiff::SignedDuration;
use tongban_kernel::{Error, ErrorKind, Event};
use tongban_storage::{
    Leaf, Migration, Question, Replay, Stored, Tx, append_leaf, claim, done, emit, leaf_index,
    leaves, log_size, migrate, next_number, params, remember, replay, retry_later, schema_text,
    sequence_pending, waiting,
};
use tongban_testkit::{TestStore, on_both_engines};

const STEPS: &[Migration] = &[Migration {
    owner: "test",
    number: 1,
    name: "notes",
    sql: "CREATE TABLE note (id BIGINT NOT NULL PRIMARY KEY, text TEXT, weight DOUBLE PRECISION, raw BYTEA,
          revision BIGINT NOT NULL)",
}];

on_both_engines!(STEPS;
    values_come_back_as_they_went_in,
    a_failed_or_panicking_unit_leaves_nothing_and_harms_no_neighbour,
    a_held_write_that_fails_takes_its_whole_unit_back,
    an_answer_asked_ahead_is_forgotten_with_the_first_write,
    numbers_have_no_gaps_and_no_doubles_under_contention,
    one_of_two_writers_of_the_same_revision_wins,
    a_key_is_answered_once_and_refused_for_another_request,
    leaves_are_dense_and_found_by_hash,
    a_message_is_taken_by_one_worker_and_comes_back_after_its_lease,
    a_read_cannot_write,
    migrating_twice_changes_nothing,
);

async fn values_come_back_as_they_went_in(store: TestStore) {
    let text = "𡒄䶮 '\"; DROP TABLE note; -- \u{1F600}".to_owned();
    let (sent, raw) = (text.clone(), vec![0_u8, 255, 7]);
    store
        .ctx
        .db
        .write(move |tx| {
            tx.put(
                "INSERT INTO note (id, text, weight, raw, revision) VALUES ($2, $1, $3, $4, $5)",
                params![&sent, i64::MIN, 1.5, &raw, 1],
            )?;
            tx.put(
                "INSERT INTO note (id, revision) VALUES ($1, $1)",
                params![7],
            )
        })
        .await
        .expect("written");
    let rows = store
        .ctx
        .db
        .read(|tx| {
            tx.all(
                "SELECT id, text, weight, raw FROM note ORDER BY id",
                params![],
                |row| {
                    Ok((
                        row.get::<i64>(0)?,
                        row.get::<Option<String>>(1)?,
                        row.get::<Option<f64>>(2)?,
                        row.get::<Option<Vec<u8>>>(3)?,
                    ))
                },
            )
        })
        .await
        .expect("read");
    assert_eq!(
        rows,
        vec![
            (i64::MIN, Some(text), Some(1.5), Some(vec![0, 255, 7])),
            (7, None, None, None)
        ]
    );
}

async fn a_failed_or_panicking_unit_leaves_nothing_and_harms_no_neighbour(store: TestStore) {
    let mut running = tokio::task::JoinSet::new();
    for n in 0..60_i64 {
        let db = store.ctx.db.clone();
        running.spawn(async move {
            let outcome = db
                .write(move |tx| {
                    tx.execute("INSERT INTO note (id, revision) VALUES ($1, 1)", params![n])?;
                    match n % 3 {
                        0 => Ok(()),
                        1 => Err(Error::invalid("no", "不")),
                        _ => panic!("a planted panic"),
                    }
                })
                .await;
            (n, outcome)
        });
    }
    while let Some(joined) = running.join_next().await {
        let (n, outcome) = joined.expect("no panic outside");
        match n % 3 {
            0 => assert!(outcome.is_ok(), "{n}: {outcome:?}"),
            1 => assert_eq!(outcome.expect_err("refused").kind(), ErrorKind::Invalid),
            _ => assert_eq!(outcome.expect_err("panicked").kind(), ErrorKind::Internal),
        }
    }
    let kept: Vec<i64> = store
        .ctx
        .db
        .read(|tx| {
            tx.all("SELECT id FROM note ORDER BY id", params![], |row| {
                row.get(0)
            })
        })
        .await
        .expect("read");
    assert_eq!(kept, (0..60).filter(|n| n % 3 == 0).collect::<Vec<_>>());
}

const NOTES: &str = "SELECT id FROM note WHERE revision = $1 ORDER BY id";

fn put_note(tx: &mut Tx<'_>, id: i64) -> tongban_kernel::Result<()> {
    tx.put(
        "INSERT INTO note (id, revision) VALUES ($1, 1)",
        params![id],
    )
}

fn notes(tx: &mut Tx<'_>) -> tongban_kernel::Result<Vec<i64>> {
    tx.all(NOTES, params![1], |row| row.get(0))
}

async fn a_held_write_that_fails_takes_its_whole_unit_back(store: TestStore) {
    let db = &store.ctx.db;
    db.write(|tx| put_note(tx, 1)).await.expect("the first");
    let twice = db
        .write(|tx| {
            put_note(tx, 2)?;
            put_note(tx, 1)?;
            put_note(tx, 3)
        })
        .await;
    assert!(twice.is_err(), "1 is there already");
    assert_eq!(db.read(notes).await.expect("read"), [1]);
    db.write(|tx| put_note(tx, 4))
        .await
        .expect("the connection still works");
    assert_eq!(db.read(notes).await.expect("read"), [1, 4]);
}

async fn an_answer_asked_ahead_is_forgotten_with_the_first_write(store: TestStore) {
    let seen = store
        .ctx
        .db
        .write(|tx| {
            let question = || {
                vec![
                    Question::new(NOTES, params![1]),
                    Question::new(NOTES, params![9]),
                ]
            };
            tx.ask_ahead(question)?;
            let before = notes(tx)?;
            tx.ask_ahead(question)?;
            put_note(tx, 5)?;
            let after = notes(tx)?;
            tx.ask_ahead(question)?;
            tx.execute("UPDATE note SET revision = 2 WHERE id = $1", params![5])?;
            Ok((before, after, notes(tx)?))
        })
        .await
        .expect("a unit");
    assert_eq!(seen, (vec![], vec![5], vec![]));
}

async fn numbers_have_no_gaps_and_no_doubles_under_contention(store: TestStore) {
    let mut running = tokio::task::JoinSet::new();
    for n in 0..50 {
        let db = store.ctx.db.clone();
        running.spawn(async move {
            db.write(move |tx| {
                let number = next_number(tx, "办件")?;
                if n % 5 == 0 {
                    Err(Error::invalid("no", "不"))
                } else {
                    Ok(number)
                }
            })
            .await
        });
    }
    let mut numbers = Vec::new();
    while let Some(joined) = running.join_next().await {
        numbers.extend(joined.expect("no panic"));
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
}

async fn one_of_two_writers_of_the_same_revision_wins(store: TestStore) {
    let db = &store.ctx.db;
    db.write(|tx| tx.put("INSERT INTO note (id, revision) VALUES (1, 1)", params![]))
        .await
        .expect("written");
    let change = || {
        db.write(|tx| {
            match tx.execute(
                "UPDATE note SET revision = 2 WHERE id = 1 AND revision = $1",
                params![1],
            )? {
                1 => Ok(()),
                _ => Err(Error::conflict("stale", "已被他人办理")),
            }
        })
    };
    let (first, second) = tokio::join!(change(), change());
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
}

async fn a_key_is_answered_once_and_refused_for_another_request(store: TestStore) {
    let now = store.ctx.now();
    let attempt = |request: &'static [u8]| {
        store.ctx.db.write(move |tx| {
            if let Replay::Seen(stored) = replay(tx, "per_1", "k-1", request)? {
                return Ok((true, stored.body));
            }
            let body = next_number(tx, "effect")?.to_string();
            remember(
                tx,
                "per_1",
                "k-1",
                request,
                &Stored {
                    status: 201,
                    body: body.clone(),
                },
                now,
            )?;
            Ok((false, body))
        })
    };
    let (a, b) = tokio::join!(attempt(b"same"), attempt(b"same"));
    let answers: Vec<_> = [a, b].into_iter().flatten().collect();
    assert!(
        !answers.is_empty() && answers.iter().all(|(_, body)| body == "1"),
        "{answers:?}"
    );
    assert_eq!(
        attempt(b"same").await.expect("replayed"),
        (true, "1".to_owned())
    );
    assert_eq!(
        attempt(b"other").await.expect_err("refused").code(),
        "idempotency.reused"
    );
}

async fn leaves_are_dense_and_found_by_hash(store: TestStore) {
    let mut running = tokio::task::JoinSet::new();
    for n in 0..30_u8 {
        let ctx = store.ctx.clone();
        running.spawn(async move {
            let (ids, now) = (ctx.ids.clone(), ctx.now());
            ctx.db
                .write(move |tx| {
                    append_leaf(
                        tx,
                        &ids,
                        &Leaf {
                            leaf: vec![n],
                            hash: [n; 32],
                            hash_sm3: [n; 32],
                        },
                        now,
                    )?;
                    if n % 4 == 0 {
                        Err(Error::invalid("no", "不"))
                    } else {
                        Ok(())
                    }
                })
                .await
                .is_ok()
        });
    }
    let mut written = 0;
    while let Some(joined) = running.join_next().await {
        written += usize::from(joined.expect("no panic"));
    }
    let now = store.ctx.now();
    while store
        .ctx
        .db
        .write(move |tx| sequence_pending(tx, 7, now))
        .await
        .expect("sequenced")
        > 0
    {}
    store
        .ctx
        .db
        .read(move |tx| {
            assert_eq!(log_size(tx)?, written as u64);
            for (idx, leaf) in leaves(tx, 0, 100)?.iter().enumerate() {
                assert_eq!(leaf_index(tx, &leaf.hash)?, Some(idx as u64));
            }
            assert_eq!(leaf_index(tx, &[0; 32])?, None);
            Ok(())
        })
        .await
        .expect("read");
}

async fn a_message_is_taken_by_one_worker_and_comes_back_after_its_lease(store: TestStore) {
    let (ids, now) = (store.ctx.ids.clone(), store.ctx.now());
    let event = Event::new("test.happened", "x", now, serde_json::json!({"n": 1}));
    let sent = event.clone();
    store
        .ctx
        .db
        .write(move |tx| emit(tx, &ids, &sent))
        .await
        .expect("emitted");
    let take = |at: jiff::Timestamp| store.ctx.db.write(move |tx| claim(tx, at, 10));
    let taken = take(now).await.expect("claimed");
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].event, event);
    assert!(take(now).await.expect("claimed").is_empty(), "under lease");
    let later = now + SignedDuration::from_secs(61);
    let again = take(later).await.expect("claimed");
    assert_eq!((again[0].id, again[0].attempts), (taken[0].id, 2));
    let message = again[0].clone();
    store
        .ctx
        .db
        .write(move |tx| retry_later(tx, &message, "no answer", later))
        .await
        .expect("later");
    assert!(
        take(later + SignedDuration::from_secs(3))
            .await
            .expect("claimed")
            .is_empty(),
        "backs off"
    );
    let last = take(later + SignedDuration::from_secs(5))
        .await
        .expect("claimed");
    let id = last[0].id;
    store
        .ctx
        .db
        .write(move |tx| done(tx, id))
        .await
        .expect("done");
    assert_eq!(store.ctx.db.read(waiting).await.expect("counted"), 0);
}

async fn a_read_cannot_write(store: TestStore) {
    let refused = store
        .ctx
        .db
        .read(|tx| tx.execute("DELETE FROM note", params![]))
        .await;
    assert!(refused.is_err());
}

async fn migrating_twice_changes_nothing(store: TestStore) {
    let before = schema_text(&store.ctx.db).await.expect("schema");
    assert!(before.contains("note.revision bigint not null"), "{before}");
    let now = store.ctx.now();
    assert_eq!(
        migrate(&store.ctx.db, STEPS, now).await.expect("again"),
        Vec::<String>::new()
    );
    assert_eq!(schema_text(&store.ctx.db).await.expect("schema"), before);
    let error = migrate(&store.ctx.db, &[], now)
        .await
        .expect_err("a newer store is refused");
    assert_eq!(error.code(), "migrate.newer");
}

#[test]
fn the_machine_s_clock_gives_whole_milliseconds() {
    use tongban_kernel::Clock as _;
    let now = tongban_storage::SystemClock.now();
    // A row keeps milliseconds, and the record must rebuild the state exactly.
    assert_eq!(now.as_nanosecond() % 1_000_000, 0);
}
