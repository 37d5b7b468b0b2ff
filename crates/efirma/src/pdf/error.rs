//! Why a PDF cannot be signed or read.

use thiserror::Error;

/// Why a PDF cannot be signed or read. The text is for the person who brought the file.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum Error {
    /// The file does not begin as a PDF does.
    #[error("el archivo no es un PDF")]
    NotPdf,
    /// Larger than [`MOST_BYTES`](super::MOST_BYTES).
    #[error("el PDF mide más de {} MB: divida el documento o reduzca sus imágenes", super::MOST_BYTES >> 20)]
    TooLarge,
    /// Protected with a password or with permissions.
    #[error("el PDF está cifrado o protegido: guárdelo sin protección y vuelva a intentarlo")]
    Encrypted,
    /// Certified by an earlier signature, which limits what may be added; which limits is not read.
    #[error(
        "el PDF está certificado por una firma anterior, que limita lo que se le puede agregar: no se le agregó nada"
    )]
    Locked,
    /// Something is not as the format demands, or two programs could read it differently.
    #[error("el PDF está dañado o se presta a dos lecturas (byte {at}: {what})")]
    Damaged {
        /// Place in the file, or in the unpacked part of it.
        at: usize,
        /// What is wrong, for who mends the program that wrote it.
        what: &'static str,
    },
    /// Something grows past every sensible measure when it is unpacked or followed.
    #[error("el PDF crece sin medida al leerlo ({what})")]
    Endless {
        /// What grows.
        what: &'static str,
    },
    /// The signature is larger than the place kept for it.
    #[error("la firma mide {needed} bytes y el PDF le reservó {reserved}: prepárelo con más espacio")]
    DoesNotFit {
        /// Bytes of the signature.
        needed: usize,
        /// Bytes kept.
        reserved: usize,
    },
    /// More signatures than anybody puts into one document.
    #[error("el PDF tiene más de {} firmas", super::MOST_SIGNATURES)]
    TooManySignatures,
}
