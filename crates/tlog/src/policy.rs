//! C2SP tlog-policy: which logs are believed, and how many witnesses must have seen a checkpoint.

use std::collections::BTreeMap;

use crate::checkpoint::{Checkpoint, Cosignature};
use crate::error::{Result, TlogError, format};
use crate::note::{KeyKind, Note, NoteVerifier};

const LINES_MAX: usize = 1000;

#[derive(Debug, Clone)]
enum Node {
    Witness(NoteVerifier),
    /// Threshold and indices of earlier nodes.
    Group(usize, Vec<usize>),
}

/// Trusted logs, named witnesses and groups, and the quorum.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    logs: Vec<NoteVerifier>,
    names: Vec<String>,
    nodes: Vec<Node>,
    quorum: Option<usize>,
    /// Where the witnesses of these names are reached.
    urls: BTreeMap<String, String>,
}

/// A witness of a policy.
#[derive(Debug, Clone, Copy)]
pub struct PolicyWitness<'a> {
    /// Its name in the policy.
    pub name: &'a str,
    /// Its key.
    pub key: &'a NoteVerifier,
    /// Where it is asked (C2SP tlog-witness), if the policy says so.
    pub url: Option<&'a str>,
}

/// A checkpoint that satisfied a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// The tree head.
    pub checkpoint: Checkpoint,
    /// Witness names with the time of their cosignature (seconds since the epoch).
    pub witnesses: BTreeMap<String, u64>,
}

impl Policy {
    /// Reads the text form: `log`, `witness`, `group` and `quorum` lines. Log lines may carry SM2 keys
    /// beside Ed25519 ones. A `quorum` line is mandatory (`quorum none` for tests).
    pub fn parse(text: &str) -> Result<Self> {
        let mut policy = Self::default();
        let mut has_quorum = false;
        for (number, line) in text.split('\n').enumerate() {
            let bad = |why: &str| format("见证策略", format!("第 {} 行：{why}", number + 1));
            let items: Vec<&str> = line.split([' ', '\t']).filter(|i| !i.is_empty()).collect();
            if number >= LINES_MAX {
                return Err(bad("过长"));
            }
            match items.as_slice() {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                ["log", vkey] | ["log", vkey, _] => policy.add_log(NoteVerifier::parse(vkey)?)?,
                ["witness", name, vkey, url @ ..] if url.len() <= 1 => {
                    policy.add_witness(name, NoteVerifier::parse(vkey)?)?;
                    for url in url {
                        policy.urls.insert((*name).to_owned(), (*url).to_owned());
                    }
                }
                ["group", name, threshold, members @ ..] => {
                    policy.add_group(name, threshold, members)?;
                }
                ["quorum", name] if !has_quorum => {
                    policy.set_quorum(name)?;
                    has_quorum = true;
                }
                _ => return Err(bad("无法识别")),
            }
        }
        if has_quorum {
            Ok(policy)
        } else {
            Err(format("见证策略", "没有 quorum 行"))
        }
    }

    /// Adds a trusted log key (Ed25519 or SM2).
    pub fn add_log(&mut self, key: NoteVerifier) -> Result<()> {
        if key.kind() == KeyKind::CosignatureV1 || self.logs.contains(&key) {
            return Err(format("见证策略", "日志密钥类型不符或重复"));
        }
        self.logs.push(key);
        Ok(())
    }

    /// Adds a witness; its key has type 0x04 and is used once.
    pub fn add_witness(&mut self, name: &str, key: NoteVerifier) -> Result<()> {
        let repeated = self
            .nodes
            .iter()
            .any(|n| matches!(n, Node::Witness(k) if k.key_id() == key.key_id()));
        if key.kind() != KeyKind::CosignatureV1 || repeated {
            return Err(format("见证策略", "见证密钥类型不符或重复"));
        }
        self.add_node(name, Node::Witness(key))
    }

    /// Adds a group of earlier witnesses and groups; threshold `any`, `all` or a number.
    pub fn add_group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<()> {
        let bad = || format("见证策略", format!("组 {name}"));
        let mut indices = Vec::new();
        for member in members {
            let index = self
                .find(member)
                .filter(|i| !indices.contains(i))
                .ok_or_else(bad)?;
            indices.push(index);
        }
        let threshold = match threshold {
            "any" => 1,
            "all" => indices.len(),
            number => number.parse().map_err(|_| bad())?,
        };
        if threshold == 0 || threshold > indices.len() {
            return Err(bad());
        }
        self.add_node(name, Node::Group(threshold, indices))
    }

    /// Names the witness or group that is the quorum, or `none`.
    pub fn set_quorum(&mut self, name: &str) -> Result<()> {
        self.quorum = match name {
            "none" => None,
            name => Some(self.find(name).ok_or_else(|| format("见证策略", name))?),
        };
        Ok(())
    }

    /// Trusted log keys.
    pub fn logs(&self) -> &[NoteVerifier] {
        &self.logs
    }

    /// All witnesses, in the order of the policy.
    pub fn witnesses(&self) -> impl Iterator<Item = PolicyWitness<'_>> {
        self.names
            .iter()
            .zip(&self.nodes)
            .filter_map(|(name, node)| match node {
                Node::Witness(key) => Some(PolicyWitness {
                    name,
                    key,
                    url: self.urls.get(name).map(String::as_str),
                }),
                Node::Group(..) => None,
            })
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    fn add_node(&mut self, name: &str, node: Node) -> Result<()> {
        if name == "none" || self.find(name).is_some() {
            return Err(format("见证策略", format!("名称 {name} 重复或保留")));
        }
        self.names.push(name.to_owned());
        self.nodes.push(node);
        Ok(())
    }

    /// The note is signed by a trusted log; no witness is asked for (SM3 twin, own start-up checks).
    pub fn check_log(&self, note: &Note) -> Result<Checkpoint> {
        Checkpoint::open(note, &self.logs)
    }

    /// The note is signed by a trusted log and cosigned by the quorum.
    pub fn check(&self, note: &Note) -> Result<Witnessed> {
        let checkpoint = self.check_log(note)?;
        let mut witnesses = BTreeMap::new();
        let mut met: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for (name, node) in self.names.iter().zip(&self.nodes) {
            let ok = match node {
                Node::Witness(key) => match Cosignature::verify(note, key)? {
                    Some(cosignature) => {
                        witnesses.insert(name.clone(), cosignature.time);
                        true
                    }
                    None => false,
                },
                Node::Group(threshold, members) => {
                    let count = members
                        .iter()
                        .filter(|i| met.get(**i).copied().unwrap_or(false))
                        .count();
                    count >= *threshold
                }
            };
            met.push(ok);
        }
        let enough = self
            .quorum
            .is_none_or(|q| met.get(q).copied().unwrap_or(false));
        if enough {
            Ok(Witnessed {
                checkpoint,
                witnesses,
            })
        } else {
            let seen: Vec<&str> = witnesses.keys().map(String::as_str).collect();
            Err(TlogError::Untrusted(format!(
                "见证人数不足（已有：{}）",
                seen.join("、")
            )))
        }
    }
}
