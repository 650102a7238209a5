//! What the doctor must find: by the program itself, in a process of its own.

use crate::city::{City, in_the_city};
use crate::upkeep::{lived_in, said, tongban, wrong};

in_the_city!(
    doctor_finds_a_changed_case,
    doctor_finds_a_missing_and_a_damaged_file,
    doctor_finds_a_missing_file_of_a_licence,
    keys_of_another_installation_are_found_and_missing_ones_not_made_anew,
    doctor_finds_a_broken_index_and_leaves_it_alone,
);

async fn doctor_finds_a_changed_case(city: City) {
    let number = lived_in(&city).await;
    assert_eq!(
        wrong(&tongban(&city, None, &["doctor"])),
        Vec::<String>::new()
    );
    let changed = city
        .app
        .ctx
        .db
        .write(move |tx| {
            tx.execute(
                "UPDATE case_file SET state = (SELECT replace(state, '2026', '2025') FROM case_file WHERE project_no = $1)
                     WHERE project_no = $1",
                tongban_storage::params![number.as_str()],
            )
        })
        .await
        .expect("changed");
    assert_eq!(changed, 1);
    let ill = tongban(&city, None, &["doctor"]);
    assert_eq!(ill.status.code(), Some(3), "{}", said(&ill));
    assert_eq!(wrong(&ill), ["✘ 抽查办件 1 件，记录与状态不一致 1 件"]);
}

async fn doctor_finds_a_missing_and_a_damaged_file(city: City) {
    lived_in(&city).await;
    let named = |name: &str| name.len() == 67 && !name.starts_with("tmp");
    let kept = crate::door::kept(&city);
    let mut files = kept.iter().filter(|name| named(name));
    let root = city.app.ctx.blobs.root().to_owned();
    let (one, two) = (
        root.join(files.next().expect("a file")),
        root.join(files.next().expect("another")),
    );
    std::fs::remove_file(one).expect("removed");
    let ill = tongban(&city, None, &["doctor"]);
    assert_eq!(ill.status.code(), Some(3), "{}", said(&ill));
    assert_eq!(wrong(&ill), ["✘ 文件 2 个，缺失或损坏 1 个"]);
    let mut bytes = std::fs::read(&two).expect("read");
    bytes[0] ^= 1;
    std::fs::write(&two, bytes).expect("written");
    let ill = tongban(&city, None, &["doctor"]);
    assert_eq!(wrong(&ill), ["✘ 文件 2 个，缺失或损坏 2 个"]);
}

async fn doctor_finds_a_missing_file_of_a_licence(city: City) {
    let (_, receipt) = city.submitted().await;
    let number = receipt.project_no.as_str();
    city.decided(number, true).await.expect("granted");
    city.settle().await;
    assert_eq!(
        wrong(&tongban(&city, None, &["doctor"])),
        Vec::<String>::new()
    );
    let file: String = city
        .app
        .ctx
        .db
        .read(|tx| tx.one("SELECT file_sha256 FROM licence", &[], |row| row.get(0)))
        .await
        .expect("a licence with a file");
    city.app.ctx.blobs.remove(&file).expect("removed");
    let ill = wrong(&tongban(&city, None, &["doctor"]));
    assert!(
        ill.len() == 1 && ill[0].ends_with("缺失或损坏 1 个"),
        "{ill:?}"
    );
}

async fn keys_of_another_installation_are_found_and_missing_ones_not_made_anew(city: City) {
    lived_in(&city).await;
    city.sequenced().await;
    let keys = city.app.config.data.join("keys");
    for (name, sentence) in [
        ("master", "打不开"),
        ("log-ed25519", "签名不符"),
        ("log-sm2", "签名不符"),
    ] {
        assert_eq!(
            wrong(&tongban(&city, None, &["doctor"])),
            Vec::<String>::new()
        );
        let key = keys.join(name);
        let own = std::fs::read(&key).expect("read");
        std::fs::write(&key, "01".repeat(32)).expect("written");
        let ill = wrong(&tongban(&city, None, &["doctor"]));
        assert!(
            ill.len() == 1 && ill[0].contains(sentence),
            "{name}: {ill:?}"
        );
        std::fs::remove_file(&key).expect("removed");
        let lost = tongban(&city, None, &["doctor"]);
        assert!(!lost.status.success(), "{name}");
        assert!(said(&lost).contains("密钥文件"), "{name}: {}", said(&lost));
        assert!(!key.exists(), "{name} was made anew");
        std::fs::write(&key, own).expect("mended");
    }
}

async fn doctor_finds_a_broken_index_and_leaves_it_alone(city: City) {
    tongban_catalogue::http::reindex(&city.app.ctx)
        .await
        .expect("indexed");
    let index = city.app.config.data.join("index");
    assert_eq!(
        wrong(&tongban(&city, None, &["doctor"])),
        Vec::<String>::new()
    );
    let current = std::fs::read_to_string(index.join("CURRENT")).expect("read");
    let mut files = std::fs::read_dir(index.join(&current))
        .expect("listed")
        .map(|entry| entry.expect("an entry").path());
    let segment = files
        .find(|path| path.extension().is_some_and(|kind| kind == "idx"))
        .expect("a segment");
    let mut bytes = std::fs::read(&segment).expect("read");
    bytes[10] ^= 0x40;
    std::fs::write(&segment, bytes).expect("written");
    // What a server that runs beside may be building must not be cleared away.
    std::fs::create_dir(index.join("build-999")).expect("made");
    let ill = tongban(&city, None, &["doctor"]);
    assert_eq!(ill.status.code(), Some(3), "{}", said(&ill));
    let found = wrong(&ill);
    assert!(
        found.len() == 1 && found[0].contains("校验和不符"),
        "{}",
        said(&ill)
    );
    assert_eq!(
        std::fs::read_to_string(index.join("CURRENT")).expect("read"),
        current
    );
    assert!(segment.exists() && index.join("build-999").exists());
}
