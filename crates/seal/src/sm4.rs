//! The block cipher SM4 (GB/T 32907—2016), encryption only, several blocks at once.
//!
//! Counter mode is all that GCM needs, and its blocks do not wait for one another: taken together they keep the processor
//! busy where one block alone waits for its own last round. Tests hold it against the `sm4` crate.

use aes_gcm::aead::inout::{InOut, InOutBuf};
use cipher::{
    Block, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, Key,
    KeyInit, KeySizeUser, ParBlocks, ParBlocksSizeUser,
    consts::{U8, U16},
};

/// Blocks in one stride.
const STRIDE: usize = 8;

/// The substitution τ (GB/T 32907 §6.2).
#[rustfmt::skip]
const SBOX: [u8; 256] = [
    0xd6, 0x90, 0xe9, 0xfe, 0xcc, 0xe1, 0x3d, 0xb7, 0x16, 0xb6, 0x14, 0xc2, 0x28, 0xfb, 0x2c, 0x05,
    0x2b, 0x67, 0x9a, 0x76, 0x2a, 0xbe, 0x04, 0xc3, 0xaa, 0x44, 0x13, 0x26, 0x49, 0x86, 0x06, 0x99,
    0x9c, 0x42, 0x50, 0xf4, 0x91, 0xef, 0x98, 0x7a, 0x33, 0x54, 0x0b, 0x43, 0xed, 0xcf, 0xac, 0x62,
    0xe4, 0xb3, 0x1c, 0xa9, 0xc9, 0x08, 0xe8, 0x95, 0x80, 0xdf, 0x94, 0xfa, 0x75, 0x8f, 0x3f, 0xa6,
    0x47, 0x07, 0xa7, 0xfc, 0xf3, 0x73, 0x17, 0xba, 0x83, 0x59, 0x3c, 0x19, 0xe6, 0x85, 0x4f, 0xa8,
    0x68, 0x6b, 0x81, 0xb2, 0x71, 0x64, 0xda, 0x8b, 0xf8, 0xeb, 0x0f, 0x4b, 0x70, 0x56, 0x9d, 0x35,
    0x1e, 0x24, 0x0e, 0x5e, 0x63, 0x58, 0xd1, 0xa2, 0x25, 0x22, 0x7c, 0x3b, 0x01, 0x21, 0x78, 0x87,
    0xd4, 0x00, 0x46, 0x57, 0x9f, 0xd3, 0x27, 0x52, 0x4c, 0x36, 0x02, 0xe7, 0xa0, 0xc4, 0xc8, 0x9e,
    0xea, 0xbf, 0x8a, 0xd2, 0x40, 0xc7, 0x38, 0xb5, 0xa3, 0xf7, 0xf2, 0xce, 0xf9, 0x61, 0x15, 0xa1,
    0xe0, 0xae, 0x5d, 0xa4, 0x9b, 0x34, 0x1a, 0x55, 0xad, 0x93, 0x32, 0x30, 0xf5, 0x8c, 0xb1, 0xe3,
    0x1d, 0xf6, 0xe2, 0x2e, 0x82, 0x66, 0xca, 0x60, 0xc0, 0x29, 0x23, 0xab, 0x0d, 0x53, 0x4e, 0x6f,
    0xd5, 0xdb, 0x37, 0x45, 0xde, 0xfd, 0x8e, 0x2f, 0x03, 0xff, 0x6a, 0x72, 0x6d, 0x6c, 0x5b, 0x51,
    0x8d, 0x1b, 0xaf, 0x92, 0xbb, 0xdd, 0xbc, 0x7f, 0x11, 0xd9, 0x5c, 0x41, 0x1f, 0x10, 0x5a, 0xd8,
    0x0a, 0xc1, 0x31, 0x88, 0xa5, 0xcd, 0x7b, 0xbd, 0x2d, 0x74, 0xd0, 0x12, 0xb8, 0xe5, 0xb4, 0xb0,
    0x89, 0x69, 0x97, 0x4a, 0x0c, 0x96, 0x77, 0x7e, 0x65, 0xb9, 0xf1, 0x09, 0xc5, 0x6e, 0xc6, 0x84,
    0x18, 0xf0, 0x7d, 0xec, 0x3a, 0xdc, 0x4d, 0x20, 0x79, 0xee, 0x5f, 0x3e, 0xd7, 0xcb, 0x39, 0x48,
];

/// The system parameter FK (§7.3).
const FK: [u32; 4] = [0xa3b1_bac6, 0x56aa_3350, 0x677d_9197, 0xb270_22dc];

/// τ and L of one byte, for each of its four places in a word.
static ROUND: [[u32; 256]; 4] = tables();

const fn tables() -> [[u32; 256]; 4] {
    let mut tables = [[0; 256]; 4];
    let mut byte = 0;
    while byte < 256 {
        let b = (SBOX[byte] as u32) << 24;
        let word = b ^ b.rotate_left(2) ^ b.rotate_left(10) ^ b.rotate_left(18) ^ b.rotate_left(24);
        let mut place = 0;
        while place < 4 {
            tables[place][byte] = word.rotate_right(8 * place as u32);
            place += 1;
        }
        byte += 1;
    }
    tables
}

/// T of a round (§6.2): τ, then L.
#[inline(always)]
fn t(word: u32) -> u32 {
    let [a, b, c, d] = word.to_be_bytes();
    ROUND[0][usize::from(a)]
        ^ ROUND[1][usize::from(b)]
        ^ ROUND[2][usize::from(c)]
        ^ ROUND[3][usize::from(d)]
}

/// T′ of the key schedule (§7.3): τ, then L′.
fn t_key(word: u32) -> u32 {
    let b = u32::from_be_bytes(word.to_be_bytes().map(|byte| SBOX[usize::from(byte)]));
    b ^ b.rotate_left(13) ^ b.rotate_left(23)
}

/// The fixed parameter CK of a round (§7.3): byte j is 7(4i + j) modulo 256.
fn ck(round: u32) -> u32 {
    u32::from_be_bytes([0, 1, 2, 3].map(|j| ((4 * round + j) * 7) as u8))
}

/// The four words of a block, big-endian.
fn words(bytes: &[u8; 16]) -> [u32; 4] {
    let (words, _) = bytes.as_chunks::<4>();
    [0, 1, 2, 3].map(|n| u32::from_be_bytes(words[n]))
}

/// SM4 under one key.
pub(crate) struct Sm4 {
    round_keys: [u32; 32],
}

impl Sm4 {
    /// `N` blocks at once, each on its own.
    #[inline(always)]
    fn encrypt<const N: usize>(&self, blocks: [[u8; 16]; N]) -> [[u8; 16]; N] {
        let mut x = blocks.map(|block| words(&block));
        let (fours, _) = self.round_keys.as_chunks::<4>();
        for keys in fours {
            for (n, key) in keys.iter().enumerate() {
                for x in &mut x {
                    x[n] ^= t(x[(n + 1) % 4] ^ x[(n + 2) % 4] ^ x[(n + 3) % 4] ^ key);
                }
            }
        }
        x.map(|[a, b, c, d]| {
            let mut block = [0; 16];
            for (bytes, word) in block.chunks_exact_mut(4).zip([d, c, b, a]) {
                bytes.copy_from_slice(&word.to_be_bytes());
            }
            block
        })
    }

    /// Up to a stride of blocks. A whole stride costs less than two blocks one by one; what is beyond a tail is thrown away.
    #[inline(always)]
    fn stride(&self, blocks: &[Block<Self>]) -> [[u8; 16]; STRIDE] {
        let mut stride = [[0; 16]; STRIDE];
        for (place, block) in stride.iter_mut().zip(blocks) {
            *place = (*block).into();
        }
        self.encrypt(stride)
    }
}

impl KeySizeUser for Sm4 {
    type KeySize = U16;
}

impl BlockSizeUser for Sm4 {
    type BlockSize = U16;
}

impl ParBlocksSizeUser for Sm4 {
    type ParBlocksSize = U8;
}

impl KeyInit for Sm4 {
    fn new(key: &Key<Self>) -> Self {
        let mut k = words(&(*key).into());
        for (word, fixed) in k.iter_mut().zip(FK) {
            *word ^= fixed;
        }
        let mut round_keys = [0; 32];
        for (round, round_key) in (0..).zip(&mut round_keys) {
            let next = k[0] ^ t_key(k[1] ^ k[2] ^ k[3] ^ ck(round));
            k = [k[1], k[2], k[3], next];
            *round_key = next;
        }
        Self { round_keys }
    }
}

impl BlockCipherEncrypt for Sm4 {
    fn encrypt_with_backend(&self, f: impl BlockCipherEncClosure<BlockSize = Self::BlockSize>) {
        f.call(self);
    }
}

impl BlockCipherEncBackend for Sm4 {
    #[inline]
    fn encrypt_block(&self, mut block: InOut<'_, '_, Block<Self>>) {
        let [out] = self.encrypt([(*block.get_in()).into()]);
        *block.get_out() = out.into();
    }

    #[inline]
    fn encrypt_par_blocks(&self, mut blocks: InOut<'_, '_, ParBlocks<Self>>) {
        let stride = self.stride(blocks.get_in());
        write(stride, blocks.get_out());
    }

    #[inline]
    fn encrypt_tail_blocks(&self, mut blocks: InOutBuf<'_, '_, Block<Self>>) {
        let stride = self.stride(blocks.get_in());
        write(stride, blocks.get_out());
    }
}

#[inline(always)]
fn write(stride: [[u8; 16]; STRIDE], blocks: &mut [Block<Sm4>]) {
    for (place, block) in blocks.iter_mut().zip(stride) {
        *place = block.into();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_the_standard() {
        // GB/T 32907 appendix A.1: one block under the same key.
        let key: [u8; 16] = [
            0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54,
            0x32, 0x10,
        ];
        let mut block = key.into();
        BlockCipherEncrypt::encrypt_block(&Sm4::new(&key.into()), &mut block);
        assert_eq!(hex::encode(block), "681edf34d206965e86b3e94f536e4246");
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_sm4_crate(key: [u8; 16], text in prop::collection::vec(any::<[u8; 16]>(), 0..20)) {
            let (ours, theirs) = (Sm4::new(&key.into()), ::sm4::Sm4::new(&key.into()));
            let mut mine: Vec<Block<Sm4>> = text.iter().map(|block| (*block).into()).collect();
            let mut other = mine.clone();
            ours.encrypt_blocks(&mut mine);
            theirs.encrypt_blocks(&mut other);
            prop_assert_eq!(mine, other);
        }
    }
}
