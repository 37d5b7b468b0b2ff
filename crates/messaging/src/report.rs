//! A report of the practice on its way to one of its own people: counts, made elsewhere, as one file.

/// What is sent. It names no patient; whoever makes it answers for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Name of the practice.
    pub practice: String,
    /// "Informe semanal: del 8 al 14 de marzo de 2026".
    pub title: String,
    /// Name of the file.
    pub file_name: String,
    /// The file, a PDF.
    pub pdf: Vec<u8>,
}

impl Report {
    /// What stands above the file.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}\n\nSe adjunta en PDF. Solo lleva cuentas: ningún nombre de paciente.\n\nLo envía Medicus porque administración lo pidió. Para dejar de recibirlo, pídalo en su consultorio.\n\n{}\n",
            self.title, self.practice
        )
    }
}
