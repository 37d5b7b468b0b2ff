//! Something done for a patient that the record is told of: a vaccine of the cartilla, a study made elsewhere.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What was done, when and where, as somebody noted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CareAct {
    /// Code of what was done.
    pub act: String,
    /// When.
    pub on: Date,
    /// Where, or how it is known; absent when nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}
