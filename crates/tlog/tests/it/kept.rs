use serde_json::json;
use tongban_tlog::kept::salt_of;
use tongban_tlog::*;

use crate::world::KEY;

const SECRET: Hash = [9; 32];

fn leaf() -> Leaf {
    LeafBuilder::first(LeafKind::Access, &KEY)
        .field("event", "view")
        .field("actor", "张\"三\"\n")
        .field("basis", json!({"law": "个人信息保护法", "article": 13}))
        .field("zone", json!(null))
        .seal_under(0, &SECRET)
        .unwrap()
        .finish()
}

fn whole(leaf: &Leaf) -> Vec<BundleField> {
    let field = |f: &Field| BundleField {
        name: f.name.clone(),
        value: Some(serde_json::from_str(&f.value).unwrap()),
        salt: Some(f.salt),
        d: f.digests.d,
        e: f.digests.e,
    };
    leaf.fields.iter().map(field).collect()
}

#[test]
fn what_is_kept_gives_every_field_back_with_salt_and_digests() {
    let leaf = leaf();
    let json = Kept::json_of(&leaf, &SECRET);
    let kept = Kept::from_json(&json).unwrap();
    assert_eq!(kept.fields(LeafKind::Access).unwrap(), whole(&leaf));
    assert_eq!(Kept::from_json(&kept.to_json().unwrap()).unwrap(), kept);
    let other = Kept::json_of(&leaf, &[8; 32]);
    let other = Kept::from_json(&other).unwrap();
    assert_ne!(other.fields(LeafKind::Access).unwrap(), whole(&leaf));
}

#[test]
fn an_erased_field_cannot_be_made_again_and_the_rest_still_fits_the_leaf() {
    let leaf = leaf();
    let mut kept = Kept::from_json(&Kept::json_of(&leaf, &SECRET)).unwrap();
    kept.erase(LeafKind::Access, &["actor", "nothing"]).unwrap();
    let json = kept.to_json().unwrap();
    let text = String::from_utf8(json.clone()).unwrap();
    assert!(!text.contains("张"), "{text}");
    assert!(!text.contains("secret"), "{text}");
    let salt = salt_of(LeafKind::Access, &SECRET, "actor");
    assert!(!text.contains(&tongban_tlog::hash::to_base64(&salt)));
    let mut expected = whole(&leaf);
    expected[0].erase();
    let mut again = Kept::from_json(&json).unwrap();
    assert_eq!(again.fields(LeafKind::Access).unwrap(), expected);
    // A second erasure keeps the first.
    again.erase(LeafKind::Access, &["basis"]).unwrap();
    expected[1].erase();
    assert_eq!(again.fields(LeafKind::Access).unwrap(), expected);
}

#[test]
fn damage_is_an_error_never_a_wrong_proof() {
    let json = String::from_utf8(Kept::json_of(&leaf(), &SECRET)).unwrap();
    assert!(Kept::from_json(b"{}").is_err());
    assert!(Kept::from_json(json.replace("minute", "hour").as_bytes()).is_err());
    let short = json.replace("CQkJ", "");
    assert!(
        Kept::from_json(short.as_bytes())
            .unwrap()
            .fields(LeafKind::Access)
            .is_err()
    );
}
