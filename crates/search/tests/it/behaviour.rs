//! Facets, pages, writing, rebuilding, damage.

use std::fs;
use std::path::PathBuf;

use tongban_search::{Facet, Hits, Index, IndexDocument, Kind, Opened, Query, SearchError, Sort};

use crate::relevance::county;

fn doc(id: &str, title: &str) -> IndexDocument {
    IndexDocument {
        id: id.into(),
        title: title.into(),
        ..IndexDocument::default()
    }
}

fn ids(hits: &Hits) -> Vec<&str> {
    hits.hits.iter().map(|h| h.id.as_str()).collect()
}

fn found(index: &Index, text: &str) -> Vec<String> {
    ids(&index.search(&Query::new(text)).expect("search"))
        .into_iter()
        .map(str::to_owned)
        .collect()
}

fn count(hits: &Hits, facet: Facet, value: &str) -> u32 {
    hits.facet(facet)
        .iter()
        .find(|c| c.value == value)
        .map_or(0, |c| c.count)
}

fn shelf() -> Index {
    let index = Index::in_memory().expect("index");
    let make = |n: u8, kind, theme: &str, organ: &str, objects: &[&str]| IndexDocument {
        kind,
        themes: vec![theme.into()],
        organ_code: organ.into(),
        objects: objects.iter().map(|o| (*o).to_owned()).collect(),
        depth: "4".into(),
        division: "450721".into(),
        published_on: i32::from(n),
        ..doc(&n.to_string(), &format!("测试许可事项{n}"))
    };
    let docs = [
        make(1, Kind::Item, "food", "A", &["1", "2"]),
        make(2, Kind::Item, "food", "B", &["1"]),
        make(3, Kind::Item, "road", "A", &["2"]),
        make(4, Kind::Bundle, "road", "B", &["2"]),
    ];
    index.put(&docs).expect("put");
    index.commit(7).expect("commit");
    index
}

#[test]
fn a_filter_does_not_hide_the_other_values_of_its_facet() {
    let index = shelf();
    let query = Query::new("测试许可").filter(Facet::Theme, "food");
    let hits = index.search(&query).expect("search");
    assert_eq!(hits.total, 2);
    assert_eq!(
        (
            count(&hits, Facet::Theme, "food"),
            count(&hits, Facet::Theme, "road")
        ),
        (2, 2)
    );
    assert_eq!(
        (
            count(&hits, Facet::Organ, "A"),
            count(&hits, Facet::Organ, "B")
        ),
        (1, 1)
    );
    assert_eq!(
        (
            count(&hits, Facet::Object, "1"),
            count(&hits, Facet::Object, "2")
        ),
        (2, 1)
    );
    assert_eq!(
        (
            count(&hits, Facet::Kind, "item"),
            count(&hits, Facet::Kind, "bundle")
        ),
        (2, 0)
    );

    let both = query.filter(Facet::Organ, "A");
    let hits = index.search(&both).expect("search");
    assert_eq!(ids(&hits), ["1"]);
    assert_eq!(
        (
            count(&hits, Facet::Theme, "food"),
            count(&hits, Facet::Theme, "road")
        ),
        (1, 1)
    );
    assert_eq!(
        (
            count(&hits, Facet::Organ, "A"),
            count(&hits, Facet::Organ, "B")
        ),
        (1, 1)
    );

    let either = both.filter(Facet::Organ, "B").filter(Facet::Theme, "road");
    assert_eq!(index.search(&either).expect("search").total, 4);
}

#[test]
fn filters_that_leave_nothing_do_not_relax() {
    let index = shelf();
    let hits = index
        .search(&Query::new("测试许可").filter(Facet::Depth, "1"))
        .expect("search");
    assert_eq!((hits.total, hits.relaxed), (0, false));
    assert_eq!(count(&hits, Facet::Depth, "4"), 4);
}

#[test]
fn newest_first_and_pages_by_key() {
    let index = shelf();
    let query = Query {
        sort: Sort::Newest,
        limit: 3,
        ..Query::new("许可")
    };
    let first = index.search(&query).expect("search");
    assert_eq!(ids(&first), ["4", "3", "2"]);
    let second = index
        .search(&Query {
            after: first.next.clone(),
            ..query.clone()
        })
        .expect("search");
    assert_eq!(ids(&second), ["1"]);
    assert_eq!(second.next, None);
    let other_order = Query {
        after: first.next,
        sort: Sort::Relevance,
        ..query
    };
    assert_eq!(
        index.search(&other_order).expect("search").hits.len(),
        3,
        "a foreign key starts anew"
    );
}

#[test]
fn an_empty_text_finds_everything() {
    assert_eq!(shelf().search(&Query::new(" \t")).expect("search").total, 4);
}

#[test]
fn boost_lifts_an_equal() {
    let index = Index::in_memory().expect("index");
    let docs = [
        doc("a", "甲类许可"),
        IndexDocument {
            boost: 2.0,
            ..doc("b", "乙类许可")
        },
    ];
    index.put(&docs).expect("put");
    index.commit(1).expect("commit");
    assert_eq!(found(&index, "许可"), ["b", "a"]);
}

#[test]
fn keywords_and_organ_find_the_item() {
    let index = Index::in_memory().expect("index");
    let item = IndexDocument {
        keywords: vec!["惠企贷".into()],
        organ: "县农业农村局".into(),
        ..doc("a", "小额信贷贴息")
    };
    index.put(&[item, doc("b", "结婚登记")]).expect("put");
    index.commit(1).expect("commit");
    for text in ["惠企贷", "hqd", "农业农村局"] {
        assert_eq!(found(&index, text), ["a"], "{text}");
    }
}

#[test]
fn titles_and_snippets_are_marked() {
    let index = county();
    let hits = index.search(&Query::new("居住證簽注")).expect("search");
    assert_eq!(hits.hits[0].title_text(), "居住证签注");
    assert!(hits.hits[0].title.iter().all(|s| s.hit));
    assert!(
        hits.hits[0].snippet.iter().any(|s| s.hit) && hits.hits[0].snippet.iter().any(|s| !s.hit)
    );
    let hits = index.search(&Query::new("jzzqz")).expect("search");
    assert!(
        hits.hits[0].title.iter().all(|s| s.hit),
        "{:?}",
        hits.hits[0].title
    );
}

#[test]
fn what_was_meant_is_said() {
    let index = county();
    let hits = index.search(&Query::new("食品经营许克")).expect("search");
    assert_eq!(hits.did_you_mean.as_deref(), Some("食品经营许可"));
    assert!(!hits.relaxed);
    let exact = index.search(&Query::new("食品经营许可")).expect("search");
    assert_eq!(exact.did_you_mean, None);
}

#[test]
fn nothing_found_gives_the_nearest() {
    let index = county();
    let hits = index
        .search(&Query::new("火星护照签发驾驶飞船"))
        .expect("search");
    assert!(hits.relaxed && hits.total > 0);
    let hits = index.search(&Query::new("qqqqzzzz")).expect("search");
    assert_eq!((hits.total, hits.relaxed), (0, false));
}

#[test]
fn suggests_by_beginning_pinyin_and_initials() {
    let index = county();
    let first = |typed: &str| {
        let all = index.suggest(typed, 8).expect("suggest");
        all.first()
            .map(|s| s.title.iter().map(|t| t.text.as_str()).collect::<String>())
    };
    assert!(first("食品经").is_some_and(|t| t.starts_with("食品经营许可")));
    assert_eq!(first("居住证签").as_deref(), Some("居住证签注"));
    assert_eq!(first("招牌").as_deref(), Some("户外招牌设置审批"));
    assert_eq!(first("jzzq").as_deref(), Some("居住证签注"));
    assert_eq!(first("jiehun").as_deref(), Some("结婚登记"));
    assert_eq!(first("jiehund").as_deref(), Some("结婚登记"));
    assert!(first("食品jy").is_some_and(|t| t.starts_with("食品经营许可")));
    assert_eq!(first(""), None);
    assert!(index.suggest("登", 100).expect("suggest").len() <= 20);
}

#[test]
fn a_put_replaces_and_a_remove_removes() {
    let index = Index::in_memory().expect("index");
    index
        .put(&[doc("a", "结婚登记"), doc("b", "离婚登记")])
        .expect("put");
    assert_eq!(index.len(), 0, "nothing is seen before the commit");
    index.commit(1).expect("commit");
    index.put(&[doc("a", "收养登记")]).expect("put");
    index.remove(["b", "unknown"]).expect("remove");
    index.commit(2).expect("commit");
    assert_eq!((index.len(), index.checkpoint()), (1, 2));
    assert_eq!(found(&index, "登记"), ["a"]);
    assert!(
        !index
            .search(&Query::new("收养登记"))
            .expect("search")
            .relaxed
    );
    assert!(matches!(
        index.put(&[doc("", "无标识")]),
        Err(SearchError::BadId)
    ));
}

#[test]
fn reopening_goes_on_from_the_checkpoint() {
    let dir = tempfile::tempdir().expect("dir");
    let (index, opened) = Index::open_or_create(dir.path()).expect("open");
    assert_eq!((opened, index.checkpoint()), (Opened::Created, 0));
    index.put(&[doc("a", "结婚登记")]).expect("put");
    index.commit(41).expect("commit");
    index.put(&[doc("b", "离婚登记")]).expect("put");
    drop(index);
    let (index, opened) = Index::open_or_create(dir.path()).expect("open");
    assert_eq!(
        (opened, index.checkpoint(), index.len()),
        (Opened::Ready, 41, 1)
    );
    assert_eq!(found(&index, "jhdj"), ["a"]);
}

#[test]
fn a_second_writer_is_refused() {
    let dir = tempfile::tempdir().expect("dir");
    let (one, _) = Index::open_or_create(dir.path()).expect("open");
    one.put(&[doc("a", "结婚登记")]).expect("put");
    one.commit(1).expect("commit");
    let (two, opened) = Index::open_or_create(dir.path()).expect("open");
    assert_eq!((opened, found(&two, "结婚").len()), (Opened::Ready, 1));
    assert!(matches!(
        two.put(&[doc("b", "离婚登记")]),
        Err(SearchError::Locked)
    ));
}

#[test]
fn a_rebuild_swaps_at_once_and_a_failed_one_leaves_the_old() {
    let dir = tempfile::tempdir().expect("dir");
    let (index, _) = Index::open_or_create(dir.path()).expect("open");
    index.put(&[doc("old", "结婚登记")]).expect("put");
    index.commit(1).expect("commit");

    let bad = vec![doc("x", "离婚登记"), doc("", "坏文档")];
    assert!(matches!(index.replace_all(bad, 2), Err(SearchError::BadId)));
    assert_eq!(
        (found(&index, "结婚"), index.checkpoint()),
        (vec!["old".to_owned()], 1)
    );

    let docs = (0..50).map(|n| {
        // While the new index is filled, searches still see the old one.
        assert_eq!(found(&index, "结婚"), ["old"]);
        doc(&n.to_string(), "离婚登记")
    });
    assert_eq!(index.replace_all(docs, 9).expect("rebuild"), 50);
    assert_eq!((index.len(), index.checkpoint()), (50, 9));
    index.put(&[doc("new", "收养登记")]).expect("put");
    index.commit(10).expect("commit");
    drop(index);

    let (index, opened) = Index::open_or_create(dir.path()).expect("open");
    assert_eq!(
        (opened, index.len(), index.checkpoint()),
        (Opened::Ready, 51, 10)
    );
    let builds = fs::read_dir(dir.path()).expect("list").flatten();
    assert_eq!(
        builds
            .filter(|e| e.file_name().to_string_lossy().starts_with("build-"))
            .count(),
        1
    );
}

#[test]
fn searches_run_while_documents_are_written() {
    let index = county();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..20u64 {
                index
                    .put(&[doc(&format!("n{n}"), "新增测试事项")])
                    .expect("put");
                index.commit(2 + n).expect("commit");
            }
        });
        for _ in 0..200 {
            assert_eq!(found(&index, "居住证签注").len(), 1);
        }
    });
    assert_eq!(index.checkpoint(), 21);
}

fn current_build(root: &std::path::Path) -> PathBuf {
    root.join(fs::read_to_string(root.join("CURRENT")).expect("current"))
}

#[test]
fn damage_is_moved_aside_and_reported() {
    type Harm = fn(&std::path::Path);
    let harms: [(&str, Harm); 5] = [
        ("meta.json is gone", |root| {
            fs::remove_file(current_build(root).join("meta.json")).expect("remove");
        }),
        ("meta.json is rubbish", |root| {
            fs::write(current_build(root).join("meta.json"), b"{\"x\":").expect("write");
        }),
        ("a bit of a segment is flipped", |root| {
            let files = fs::read_dir(current_build(root)).expect("list").flatten();
            let file = files
                .map(|e| e.path())
                .find(|p| p.extension().is_some_and(|e| e == "idx"));
            let file = file.expect("postings");
            let mut bytes = fs::read(&file).expect("read");
            bytes[10] ^= 0x40;
            fs::write(&file, bytes).expect("write");
        }),
        ("the folder is gone", |root| {
            fs::remove_dir_all(current_build(root)).expect("remove")
        }),
        ("CURRENT is rubbish", |root| {
            fs::write(root.join("CURRENT"), [0xff, 0xfe]).expect("write")
        }),
    ];
    for (name, harm) in harms {
        let dir = tempfile::tempdir().expect("dir");
        let (index, _) = Index::open_or_create(dir.path()).expect("open");
        index.put(&[doc("a", "结婚登记")]).expect("put");
        index.commit(5).expect("commit");
        drop(index);
        harm(dir.path());
        let (index, opened) = Index::open_or_create(dir.path()).expect(name);
        assert!(
            matches!(opened, Opened::NeedsRebuild { .. }),
            "{name}: {opened:?}"
        );
        assert_eq!((index.len(), index.checkpoint()), (0, 0), "{name}");
        index.replace_all([doc("a", "结婚登记")], 6).expect(name);
        assert_eq!(found(&index, "结婚"), ["a"], "{name}");
        drop(index);
        let (_, opened) = Index::open_or_create(dir.path()).expect(name);
        assert_eq!(opened, Opened::Ready, "{name}");
    }
}

/// Titles that mean the same to the scores: the same words, the same length.
fn equals() -> Vec<IndexDocument> {
    let make = |id: &str, title: &str, rank| IndexDocument {
        rank,
        ..doc(id, title)
    };
    vec![
        make("e", "乙类许可", 2),
        make("d", "乙类许可", 0),
        make("c", "甲类许可", 1),
        make("b", "甲类许可", 0),
        make("a", "乙类许可", 0),
        make("f", "甲类许可", 2),
    ]
}

/// Rank first, then title (乙 is U+4E59, 甲 U+7532), then identifier.
const EQUALS: [&str; 6] = ["a", "d", "b", "c", "e", "f"];

#[test]
fn equal_hits_come_in_a_fixed_order_however_they_were_written() {
    let written: [&[usize]; 3] = [&[6], &[1, 1, 1, 1, 1, 1], &[2, 3, 1]];
    for sizes in written {
        for turn in 0..6 {
            let mut docs = equals();
            docs.rotate_left(turn);
            let index = Index::in_memory().expect("index");
            for (n, size) in sizes.iter().enumerate() {
                let some: Vec<IndexDocument> = docs.drain(..*size).collect();
                index.put(&some).expect("put");
                index.commit(n as u64).expect("commit");
            }
            assert_eq!(found(&index, "许可"), EQUALS, "{sizes:?} {turn}");
            assert_eq!(found(&index, "xk"), EQUALS, "{sizes:?} {turn}");
            let mut paged = Vec::new();
            let mut query = Query {
                limit: 1,
                ..Query::new("许可")
            };
            loop {
                let page = index.search(&query).expect("search");
                paged.extend(ids(&page).into_iter().map(str::to_owned));
                query.after = page.next.clone();
                if query.after.is_none() {
                    break;
                }
            }
            assert_eq!(paged, EQUALS, "by pages: {sizes:?} {turn}");
        }
    }
}

#[test]
fn of_equals_the_shorter_title_comes_first() {
    let index = Index::in_memory().expect("index");
    // Found by sound with a constant score, so that the length of the title does not count twice.
    let docs = [
        doc("long", "居住证签注变更登记"),
        doc("short", "居住证签注"),
        doc("middle", "居住证签注变更"),
    ];
    for one in docs {
        index.put(&[one]).expect("put");
        index.commit(1).expect("commit");
    }
    assert_eq!(found(&index, "juzhuz"), ["short", "middle", "long"]);
}
