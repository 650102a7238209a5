use proptest::prelude::*;
use tongban_tlog::*;

/// RFC 6962 §2.1 by its own recursion, for comparison.
fn mth<H: TreeHash>(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => H::empty(),
        [one] => *one,
        many => {
            let k = many.len().next_power_of_two() / 2;
            H::node(&mth::<H>(&many[..k]), &mth::<H>(&many[k..]))
        }
    }
}

fn path<H: TreeHash>(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return vec![];
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (mut inner, outer) = if m < k {
        (path::<H>(m, &leaves[..k]), mth::<H>(&leaves[k..]))
    } else {
        (path::<H>(m - k, &leaves[k..]), mth::<H>(&leaves[..k]))
    };
    inner.push(outer);
    inner
}

fn subproof<H: TreeHash>(m: usize, leaves: &[Hash], complete: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if complete {
            vec![]
        } else {
            vec![mth::<H>(leaves)]
        };
    }
    let k = leaves.len().next_power_of_two() / 2;
    let (mut inner, outer) = if m <= k {
        (
            subproof::<H>(m, &leaves[..k], complete),
            mth::<H>(&leaves[k..]),
        )
    } else {
        (
            subproof::<H>(m - k, &leaves[k..], false),
            mth::<H>(&leaves[..k]),
        )
    };
    inner.push(outer);
    inner
}

fn leaves<H: TreeHash>(n: usize) -> Vec<Hash> {
    (0..n as u64).map(|i| H::leaf(&i.to_be_bytes())).collect()
}

fn stored<H: TreeHash>(leaves: &[Hash]) -> (MemoryHashes, Vec<Hash>) {
    let (mut hashes, mut frontier) = (MemoryHashes::default(), Frontier::<H>::new());
    let mut roots = vec![frontier.root()];
    for leaf in leaves {
        frontier
            .append_with(*leaf, |level, index, hash| {
                hashes.insert(level, index, *hash)
            })
            .unwrap();
        roots.push(frontier.root());
    }
    (hashes, roots)
}

#[test]
fn published_roots_of_certificate_transparency() {
    let entries = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut frontier = Frontier::<Sha256Tree>::new();
    assert_eq!(hex::encode(frontier.root()), roots[0]);
    for (entry, root) in entries.iter().zip(&roots[1..]) {
        frontier
            .append(Sha256Tree::leaf(&hex::decode(entry).unwrap()))
            .unwrap();
        assert_eq!(hex::encode(frontier.root()), *root);
    }
}

#[test]
fn sm3_tree_uses_the_published_digest() {
    // GB/T 32905 A.2: SM3("abcd" × 16); the leaf differs from it only by the prefix byte.
    use sm3::Digest;
    let message = "abcd".repeat(16);
    assert_eq!(
        hex::encode(sm3::Sm3::digest(message.as_bytes())),
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    );
    let prefixed = [b"\0", message.as_bytes()].concat();
    assert_eq!(
        Sm3Tree::leaf(message.as_bytes())[..],
        sm3::Sm3::digest(prefixed)[..]
    );
}

fn every_inclusion<H: TreeHash>(max: usize) {
    let all = leaves::<H>(max);
    let (hashes, roots) = stored::<H>(&all);
    for size in 1..=max {
        assert_eq!(roots[size], mth::<H>(&all[..size]));
        assert_eq!(tree_root::<H>(&hashes, size as u64).unwrap(), roots[size]);
        for index in 0..size {
            let proof = inclusion_proof::<H>(&hashes, index as u64, size as u64).unwrap();
            verify_inclusion::<H>(&all[index], index as u64, size as u64, &proof, &roots[size])
                .unwrap();
            if (size * 31 + index) % 17 == 0 {
                assert_eq!(proof, path::<H>(index, &all[..size]));
            }
        }
    }
}

fn every_consistency<H: TreeHash>(max: usize) {
    let all = leaves::<H>(max);
    let (hashes, roots) = stored::<H>(&all);
    for new in 1..=max {
        for old in 0..=new {
            let proof = consistency_proof::<H>(&hashes, old as u64, new as u64).unwrap();
            verify_consistency::<H>(old as u64, &roots[old], new as u64, &roots[new], &proof)
                .unwrap();
            if old > 0 && (new * 31 + old) % 17 == 0 {
                assert_eq!(proof, subproof::<H>(old, &all[..new], true));
            }
        }
    }
}

#[test]
fn every_inclusion_proof_up_to_300_leaves() {
    every_inclusion::<Sha256Tree>(300);
    every_inclusion::<Sm3Tree>(70);
}

#[test]
fn every_consistency_proof_up_to_300_leaves() {
    every_consistency::<Sha256Tree>(300);
    every_consistency::<Sm3Tree>(70);
}

#[test]
fn sizes_out_of_range_are_errors() {
    let hashes = MemoryHashes::default();
    assert!(inclusion_proof::<Sha256Tree>(&hashes, 0, 0).is_err());
    assert!(inclusion_proof::<Sha256Tree>(&hashes, 1, u64::MAX).is_err());
    assert!(consistency_proof::<Sha256Tree>(&hashes, 2, 1).is_err());
    assert!(consistency_proof::<Sha256Tree>(&hashes, 1, u64::MAX).is_err());
    assert!(tree_root::<Sha256Tree>(&hashes, u64::MAX).is_err());
    let zero = [0; 32];
    let long = vec![zero; 200];
    assert!(verify_inclusion::<Sha256Tree>(&zero, u64::MAX - 1, u64::MAX, &long, &zero).is_err());
    assert!(verify_inclusion::<Sha256Tree>(&zero, 3, 1 << 56, &long, &zero).is_err());
    assert!(verify_consistency::<Sha256Tree>(3, &zero, 1 << 56, &zero, &long).is_err());
    assert!(Frontier::<Sha256Tree>::from_parts(3, vec![zero]).is_err());
    assert!(Frontier::<Sha256Tree>::from_reader(5, &hashes).is_err());
}

proptest! {
    #[test]
    fn a_flipped_bit_in_an_inclusion_proof_is_refused(
        size in 2u64..300, pick in any::<prop::sample::Index>(),
        byte in 0usize..32, bit in 0u8..8, place in any::<prop::sample::Index>(),
    ) {
        let all = leaves::<Sha256Tree>(size as usize);
        let (hashes, roots) = stored::<Sha256Tree>(&all);
        let index = pick.index(size as usize);
        let mut proof = inclusion_proof::<Sha256Tree>(&hashes, index as u64, size).unwrap();
        let (mut leaf, mut root) = (all[index], roots[size as usize]);
        let n = proof.len();
        match place.index(n + 2) {
            0 => leaf[byte] ^= 1 << bit,
            1 => root[byte] ^= 1 << bit,
            at => proof[at - 2][byte] ^= 1 << bit,
        }
        prop_assert!(verify_inclusion::<Sha256Tree>(&leaf, index as u64, size, &proof, &root).is_err());
    }

    #[test]
    fn another_index_or_length_is_refused(size in 2u64..300, pick in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let all = leaves::<Sha256Tree>(size as usize);
        let (hashes, roots) = stored::<Sha256Tree>(&all);
        let index = pick.index(size as usize) as u64;
        let other = other.index(size as usize) as u64;
        let root = &roots[size as usize];
        let leaf = &all[index as usize];
        let mut proof = inclusion_proof::<Sha256Tree>(&hashes, index, size).unwrap();
        if other != index {
            prop_assert!(verify_inclusion::<Sha256Tree>(leaf, other, size, &proof, root).is_err());
        }
        proof.push([7; 32]);
        prop_assert!(verify_inclusion::<Sha256Tree>(leaf, index, size, &proof, root).is_err());
        proof.truncate(proof.len() - 2);
        prop_assert!(verify_inclusion::<Sha256Tree>(leaf, index, size, &proof, root).is_err());
    }

    #[test]
    fn a_rewritten_past_has_no_consistency_proof(
        old in 1u64..200, more in 1u64..100, changed in any::<prop::sample::Index>(),
    ) {
        let new = old + more;
        let mut all = leaves::<Sha256Tree>(new as usize);
        let (_, roots) = stored::<Sha256Tree>(&all);
        let old_root = roots[old as usize];
        all[changed.index(old as usize)][0] ^= 1;
        let (hashes, forged) = stored::<Sha256Tree>(&all);
        let proof = consistency_proof::<Sha256Tree>(&hashes, old, new).unwrap();
        prop_assert!(verify_consistency::<Sha256Tree>(old, &old_root, new, &forged[new as usize], &proof).is_err());
    }

    #[test]
    fn a_restored_frontier_goes_on_alike(size in 0usize..300, more in 0usize..20) {
        let all = leaves::<Sm3Tree>(size + more);
        let (hashes, roots) = stored::<Sm3Tree>(&all[..size]);
        let mut frontier = Frontier::<Sm3Tree>::from_reader(size as u64, &hashes).unwrap();
        prop_assert_eq!(frontier.root(), roots[size]);
        let copy = Frontier::<Sm3Tree>::from_parts(frontier.size(), frontier.peaks().to_vec()).unwrap();
        prop_assert_eq!(&copy, &frontier);
        for leaf in &all[size..] {
            frontier.append(*leaf).unwrap();
        }
        prop_assert_eq!(frontier.root(), mth::<Sm3Tree>(&all));
    }
}
