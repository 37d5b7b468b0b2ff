//! The two networks that ship with the program, and how they are run.

use rten::{Model, NodeId};

/// A network did not load or did not run. Both ship inside the program: this is a fault of the build, not of a recording.
#[derive(Debug, thiserror::Error)]
#[error("el modelo de voz incluido en el programa no funciona en esta computadora")]
pub struct ModelError {
    /// What the runtime says.
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl ModelError {
    pub(crate) fn new(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { source: Box::new(source) }
    }
}

/// Loads a network out of the program.
pub(crate) fn load(bytes: &'static [u8]) -> Result<Model, ModelError> {
    Model::load_static_slice(bytes).map_err(ModelError::new)
}

/// The place in a network that has this name.
pub(crate) fn node(model: &Model, name: &str) -> Result<NodeId, ModelError> {
    model.node_id(name).map_err(ModelError::new)
}
