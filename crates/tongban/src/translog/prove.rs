//! The proof bundle of a case.

use std::collections::BTreeMap;

use tongban_cases::{ProvableCase, ProvableEvent};
use tongban_kernel::{Error, Result};
use tongban_storage::{Ctx, Tx};
use tongban_tlog::{
    Bundle, BundleEvent, Checkpoint, Note, Sha256Tree, Sm3Tree, TileReader, TlogProof, TreeHash,
    inclusion_proof,
};

use super::volume::{self, Volume};
use super::{Log, Stored, Tree, broken, serve};

/// The heads under which a bundle proves.
struct Heads {
    witnessed: bool,
    /// By year: the notes of both trees.
    notes: BTreeMap<i64, (String, String)>,
    volumes: Vec<Volume>,
}

/// The whole proof bundle of a case: its private fields with an inclusion proof for each event and each look in both trees. Events
/// not yet under a checkpoint make it wait (a second or two; with witnesses, until their quorum has seen them).
pub async fn bundle(ctx: &Ctx, case: ProvableCase) -> Result<Bundle> {
    let witnessed = ctx.parts.get::<Log>()?.witnesses.is_some();
    ctx.db
        .read(move |tx| {
            let mut heads = Heads {
                witnessed,
                notes: BTreeMap::new(),
                volumes: volume::all(tx)?,
            };
            let events = proved(tx, &mut heads, &case.events)?;
            let access = proved(tx, &mut heads, &case.access)?;
            // Every log from that of the first event on, so that the holder knows where nothing more may be.
            let first = heads.notes.keys().next().copied();
            let mut logs = Vec::new();
            for volume in heads.volumes.clone() {
                if first.is_some_and(|first| volume.year >= first) {
                    logs.push(heads.of(tx, &volume)?.0.clone());
                }
            }
            Ok(Bundle::new(case.case_key, events)
                .with_access(access)
                .with_logs(logs))
        })
        .await
}

fn proved(
    tx: &mut Tx<'_>,
    heads: &mut Heads,
    events: &[ProvableEvent],
) -> Result<Vec<BundleEvent>> {
    let mut proved = Vec::with_capacity(events.len());
    for event in events {
        let index = tongban_storage::leaf_index(tx, &event.leaf)?.ok_or_else(not_yet)?;
        let volume = heads.volume_of(index)?;
        let place = volume.place_of(index).ok_or_else(not_yet)?;
        let (note, note_sm3) = heads.of(tx, &volume)?.clone();
        proved.push(BundleEvent {
            minute: tongban_tlog::leaf::minute_text(event.minute),
            fields: event.fields.clone(),
            proof: proof::<Sha256Tree>(tx, &volume, Tree::Sha256, &note, place)?,
            proof_sm3: Some(proof::<Sm3Tree>(tx, &volume, Tree::Sm3, &note_sm3, place)?),
        });
    }
    Ok(proved)
}

impl Heads {
    fn volume_of(&self, index: u64) -> Result<Volume> {
        self.volumes
            .iter()
            .rev()
            .find(|volume| volume.first_idx <= index)
            .cloned()
            .ok_or_else(|| Error::internal("the log has not begun"))
    }

    fn of(&mut self, tx: &mut Tx<'_>, volume: &Volume) -> Result<&(String, String)> {
        if !self.notes.contains_key(&volume.year) {
            let mut head =
                |tree| serve::newest(tx, volume, tree, self.witnessed)?.ok_or_else(not_yet);
            let both = (head(Tree::Sha256)?, head(Tree::Sm3)?);
            self.notes.insert(volume.year, both);
        }
        self.notes.get(&volume.year).ok_or_else(not_yet)
    }
}

fn not_yet() -> Error {
    Error::unavailable("leaf is not under a checkpoint yet")
        .advice("存证正在写入日志（有见证人的，等见证人签名），请几秒钟后再试")
}

fn proof<H: TreeHash>(
    tx: &mut Tx<'_>,
    volume: &Volume,
    tree: Tree,
    note: &str,
    place: u64,
) -> Result<String> {
    let checkpoint = Note::parse(note).map_err(broken)?;
    let head = Checkpoint::parse(checkpoint.text()).map_err(broken)?;
    if place >= head.size {
        return Err(not_yet());
    }
    let source = Stored::new(tx, volume, tree);
    let reader = TileReader::<H, _>::new(head.size, &source);
    let path = inclusion_proof::<H>(&reader, place, head.size).map_err(broken)?;
    Ok(TlogProof {
        extra: None,
        index: place,
        path,
        checkpoint,
    }
    .to_string())
}
