//! SM2 keys and signatures (GB/T 32918), with the user identity that enters every digest.

use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{DerSignature, SigningKey, VerifyingKey};
use sm2::pkcs8::{
    DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding,
};
use sm2::{PublicKey, SecretKey};

use crate::error::{Result, SealError};

/// User identity that GB/T 35276 prescribes where none is agreed.
pub const DEFAULT_USER_ID: &str = "1234567812345678";

/// An SM2 signature, r ‖ s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// From r ‖ s, each 32 bytes; both must be in 1..n.
    pub fn from_raw(bytes: &[u8]) -> Result<Self> {
        let bad = SealError::Signature("签名值格式");
        let raw: [u8; 64] = bytes.try_into().map_err(|_| bad.clone())?;
        sm2::dsa::Signature::from_slice(bytes).map_err(|_| bad)?;
        Ok(Self(raw))
    }

    /// From DER `SEQUENCE { r INTEGER, s INTEGER }`.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let bad = |_| SealError::Signature("签名值格式");
        let der = DerSignature::try_from(der).map_err(bad)?;
        let signature = sm2::dsa::Signature::try_from(der).map_err(bad)?;
        Ok(Self(signature.to_bytes().into()))
    }

    /// r ‖ s.
    pub fn to_raw(self) -> [u8; 64] {
        self.0
    }

    /// DER `SEQUENCE { r INTEGER, s INTEGER }`, the form in certificates and seals.
    pub fn to_der(self) -> Vec<u8> {
        let (r, s) = self.0.split_at(32);
        crate::asn1::seq(&[&crate::asn1::integer(r), &crate::asn1::integer(s)])
    }
}

/// A private SM2 key held in memory. Production keys belong in a certified module (GB/T 39786);
/// this one is for tests and small sites.
#[derive(Clone)]
pub struct Sm2SigningKey {
    secret: SecretKey,
    default: SigningKey,
}

impl std::fmt::Debug for Sm2SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sm2SigningKey(..)")
    }
}

impl Sm2SigningKey {
    fn new(secret: SecretKey) -> Result<Self> {
        let default = SigningKey::new(DEFAULT_USER_ID, &secret)
            .map_err(|_| SealError::Key("用户身份标识"))?;
        Ok(Self { secret, default })
    }

    /// A key from 32 random bytes that the caller drew. Fails for the few values outside 1..n
    /// (about one in 2^32): draw again.
    pub fn from_random(bytes: &[u8; 32]) -> Result<Self> {
        Self::new(SecretKey::from_slice(bytes).map_err(|_| SealError::Key("私钥超出范围"))?)
    }

    /// Reads PKCS #8 DER.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self> {
        Self::new(SecretKey::from_pkcs8_der(der).map_err(|_| SealError::Key("PKCS#8"))?)
    }

    /// Reads PKCS #8 PEM (`BEGIN PRIVATE KEY`).
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self> {
        Self::new(SecretKey::from_pkcs8_pem(pem).map_err(|_| SealError::Key("PKCS#8"))?)
    }

    /// PKCS #8 DER, not encrypted: keep it secret.
    pub fn to_pkcs8_der(&self) -> Result<Vec<u8>> {
        let document = self
            .secret
            .to_pkcs8_der()
            .map_err(|_| SealError::Key("PKCS#8"))?;
        Ok(document.as_bytes().to_vec())
    }

    /// PKCS #8 PEM, not encrypted: keep it secret.
    pub fn to_pkcs8_pem(&self) -> Result<String> {
        let pem = self
            .secret
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|_| SealError::Key("PKCS#8"))?;
        Ok(pem.as_str().to_owned())
    }

    /// The public half.
    pub fn verifying_key(&self) -> Sm2VerifyingKey {
        Sm2VerifyingKey {
            public: self.secret.public_key(),
        }
    }

    /// Signs with the default user identity; deterministic (RFC 6979 with SM3).
    pub fn sign(&self, message: &[u8]) -> Result<Signature> {
        sign(&self.default, message)
    }

    /// Signs with an agreed user identity (at most 8,191 bytes).
    pub fn sign_with_id(&self, user_id: &str, message: &[u8]) -> Result<Signature> {
        let key = SigningKey::new(user_id, &self.secret);
        sign(&key.map_err(|_| SealError::Key("用户身份标识"))?, message)
    }
}

fn sign(key: &SigningKey, message: &[u8]) -> Result<Signature> {
    let signature: sm2::dsa::Signature = key
        .try_sign(message)
        .map_err(|e| SealError::Sign(e.to_string()))?;
    Ok(Signature(signature.to_bytes().into()))
}

/// A public SM2 key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sm2VerifyingKey {
    public: PublicKey,
}

impl Sm2VerifyingKey {
    /// From a point, uncompressed (65 bytes, 0x04‖x‖y) or compressed (33 bytes).
    pub fn from_point(bytes: &[u8]) -> Result<Self> {
        let public = PublicKey::from_sec1_bytes(bytes).map_err(|_| SealError::Key("公钥点"))?;
        Ok(Self { public })
    }

    /// Uncompressed point: 65 bytes, 0x04‖x‖y.
    pub fn to_point(&self) -> [u8; 65] {
        let mut point = [0; 65];
        let bytes = self.public.to_sec1_bytes();
        if bytes.len() == 65 {
            point.copy_from_slice(&bytes);
        }
        point
    }

    /// Reads `BEGIN PUBLIC KEY` (SPKI).
    pub fn from_spki_pem(pem: &str) -> Result<Self> {
        let public = PublicKey::from_public_key_pem(pem).map_err(|_| SealError::Key("SPKI"))?;
        Ok(Self { public })
    }

    /// SPKI in DER.
    pub fn to_spki_der(&self) -> Vec<u8> {
        use crate::asn1::{OID, bit_string, oid, seq, tlv};
        let algorithm = seq(&[&tlv(OID, oid::EC_PUBLIC_KEY), &tlv(OID, oid::SM2_CURVE)]);
        seq(&[&algorithm, &bit_string(&self.to_point())])
    }

    /// `BEGIN PUBLIC KEY` (SPKI).
    pub fn to_spki_pem(&self) -> Result<String> {
        self.public
            .to_public_key_pem(LineEnding::LF)
            .map_err(|_| SealError::Key("SPKI"))
    }

    /// Verifies with the default user identity.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<()> {
        self.verify_with_id(DEFAULT_USER_ID, message, signature)
    }

    /// Verifies with an agreed user identity.
    pub fn verify_with_id(
        &self,
        user_id: &str,
        message: &[u8],
        signature: &Signature,
    ) -> Result<()> {
        let wrong = |_| SealError::Signature("SM2 签名值");
        let key =
            VerifyingKey::new(user_id, self.public).map_err(|_| SealError::Key("用户身份标识"))?;
        let signature = sm2::dsa::Signature::from_slice(&signature.0).map_err(wrong)?;
        key.verify(message, &signature).map_err(wrong)
    }
}
