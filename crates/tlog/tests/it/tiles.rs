use std::collections::BTreeMap;

use proptest::prelude::*;
use tongban_tlog::tiles::new_tiles;
use tongban_tlog::*;

fn leaf(i: u64) -> Hash {
    Sha256Tree::leaf(&i.to_be_bytes())
}

fn write(size: u64) -> (BTreeMap<TileId, Vec<u8>>, TileWriter<Sha256Tree>) {
    let (mut writer, mut full) = (TileWriter::new(), Vec::new());
    for i in 0..size {
        assert_eq!(writer.append(leaf(i), &mut full).unwrap(), i);
    }
    full.extend(writer.partials());
    (full.into_iter().map(|t| (t.id, t.bytes)).collect(), writer)
}

#[test]
fn paths_are_those_of_the_specification() {
    for (level, index, width, path) in [
        (Some(0), 1_234_067, 256, "tile/0/x001/x234/067"),
        (Some(1), 0, 17, "tile/1/000.p/17"),
        (None, 273, 112, "tile/entries/273.p/112"),
        (None, 1000, 256, "tile/entries/x001/000"),
    ] {
        let id = TileId {
            level,
            index,
            width,
        };
        assert_eq!(id.to_string(), path);
        assert_eq!(path.parse::<TileId>().unwrap(), id);
    }
    for bad in [
        "tile/0/67",
        "tile/00/067",
        "tile/64/067",
        "tile/0/x000/067",
        "tile/0/067.p/0",
        "tile/0/067.p/256",
        "tile/0/067.p/01",
        "tile/0/001/067",
        "tile/0/../067",
        "tile/0/+67",
        "",
        "tile/0/",
        "tile/entries/067/",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(bad.parse::<TileId>().is_err(), "{bad}");
    }
}

#[test]
fn a_tree_of_70000_has_the_tiles_named_in_the_specification() {
    let (tiles, writer) = write(70_000);
    let count = |level, full| {
        tiles
            .keys()
            .filter(|t| t.level == Some(level) && (t.width == 256) == full)
            .count()
    };
    assert_eq!((count(0, true), count(0, false)), (273, 1));
    assert_eq!((count(1, true), count(1, false)), (1, 1));
    assert_eq!((count(2, true), count(2, false)), (0, 1));
    for (level, width) in [(0, 112), (1, 17), (2, 1)] {
        assert!(
            tiles
                .keys()
                .any(|t| t.level == Some(level) && t.width == width)
        );
    }
    assert_eq!(
        tiles.keys().copied().collect::<Vec<_>>().len(),
        new_tiles(0, 70_000).len()
    );
    assert!(new_tiles(0, 70_000).iter().all(|id| tiles.contains_key(id)));
    let reader = TileReader::<Sha256Tree, _>::new(70_000, &tiles);
    assert_eq!(
        tree_root::<Sha256Tree>(&reader, 70_000).unwrap(),
        writer.root()
    );
    for index in [0, 255, 256, 65_535, 65_536, 69_999] {
        let proof = inclusion_proof::<Sha256Tree>(&reader, index, 70_000).unwrap();
        verify_inclusion::<Sha256Tree>(&leaf(index), index, 70_000, &proof, &writer.root())
            .unwrap();
    }
    let proof = consistency_proof::<Sha256Tree>(&reader, 35_000, 70_000).unwrap();
    let old = tree_root::<Sha256Tree>(&reader, 35_000).unwrap();
    verify_consistency::<Sha256Tree>(35_000, &old, 70_000, &writer.root(), &proof).unwrap();
}

#[test]
fn missing_or_short_tiles_are_errors() {
    let (mut tiles, _) = write(600);
    tiles.remove(&TileId {
        level: Some(0),
        index: 1,
        width: 256,
    });
    let reader = TileReader::<Sha256Tree, _>::new(600, &tiles);
    assert!(inclusion_proof::<Sha256Tree>(&reader, 300, 600).is_err());
    assert!(inclusion_proof::<Sha256Tree>(&reader, 3, 600).is_ok());
    for bytes in tiles.values_mut() {
        bytes.truncate(31);
    }
    assert!(
        inclusion_proof::<Sha256Tree>(&TileReader::<Sha256Tree, _>::new(600, &tiles), 3, 600)
            .is_err()
    );
    assert!(
        TileReader::<Sha256Tree, _>::new(600, &tiles)
            .read(200, u64::MAX)
            .is_err()
    );
    assert!(
        TileReader::<Sha256Tree, _>::new(600, &tiles)
            .read(7, u64::MAX)
            .is_err()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_resumed_writer_goes_on_alike(size in 0u64..1500, more in 0u64..600) {
        let (tiles, writer) = write(size);
        let mut resumed = TileWriter::<Sha256Tree>::resume(size, &tiles).unwrap();
        prop_assert_eq!(resumed.root(), writer.root());
        let mut full = Vec::new();
        for i in size..size + more {
            resumed.append(leaf(i), &mut full).unwrap();
        }
        let (all, other) = write(size + more);
        prop_assert_eq!(resumed.root(), other.root());
        prop_assert_eq!(resumed.partials(), other.partials());
        for tile in full {
            prop_assert_eq!(all.get(&tile.id), Some(&tile.bytes));
        }
    }

    #[test]
    fn entry_bundles_come_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..256), cut in any::<prop::sample::Index>()) {
        let bytes = encode_entries(entries.iter().map(Vec::as_slice)).unwrap();
        let back = decode_entries(&bytes).unwrap();
        prop_assert_eq!(&back, &entries.iter().map(Vec::as_slice).collect::<Vec<_>>());
        if !bytes.is_empty() {
            let cut = decode_entries(&bytes[..cut.index(bytes.len())]).map(|e| e.len());
            prop_assert!(cut.is_err() || cut.unwrap() < entries.len());
        }
    }

    #[test]
    fn any_path_is_parsed_without_panic(path in "(tile/)?[0-9x/.pentris]{0,40}") {
        if let Ok(id) = path.parse::<TileId>() {
            prop_assert_eq!(id.to_string(), path);
        }
    }
}

#[test]
fn oversized_bundles_are_refused() {
    assert!(encode_entries([vec![0u8; 65_536].as_slice()]).is_err());
    assert!(encode_entries(std::iter::repeat_n([].as_slice(), 257)).is_err());
    assert!(decode_entries(&[0; 2 * 257]).is_err());
}
