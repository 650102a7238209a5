//! Where a signature comes from: a certified module in production, software in tests.

use crate::cert::Certificate;
use crate::error::{Result, SealError};
use crate::keys::{Signature, Sm2SigningKey};

/// Signs on behalf of the holder of a certificate. A signing server or HSM (GB/T 39786, GM/T 0018)
/// implements this; whoever signs never sees the key.
pub trait Signer: Send + Sync {
    /// SM2 with SM3 over `message`, default user identity.
    fn sign(&self, message: &[u8]) -> Result<Signature>;
    /// Certificate of the signing key.
    fn certificate(&self) -> &Certificate;
    /// Issuing certificates to ship with signatures, nearest first; the root may be left out.
    fn chain(&self) -> &[Certificate] {
        &[]
    }
}

/// A signer whose key is in this process's memory: for tests and small sites, not for sites that are
/// assessed under GB/T 39786 (there the key lives in a certified module).
#[derive(Debug, Clone)]
pub struct SoftwareSigner {
    key: Sm2SigningKey,
    certificate: Certificate,
    chain: Vec<Certificate>,
}

impl SoftwareSigner {
    /// Joins key and certificate; they must belong together.
    pub fn new(
        key: Sm2SigningKey,
        certificate: Certificate,
        chain: Vec<Certificate>,
    ) -> Result<Self> {
        if certificate.public_key() != &key.verifying_key() {
            return Err(SealError::Key("私钥与证书不配对"));
        }
        Ok(Self {
            key,
            certificate,
            chain,
        })
    }
}

impl Signer for SoftwareSigner {
    fn sign(&self, message: &[u8]) -> Result<Signature> {
        self.key.sign(message)
    }
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }
    fn chain(&self) -> &[Certificate] {
        &self.chain
    }
}
