//! The models that the rehearsal pretends to have pulled.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Name, family, size of the parameters, bytes.
const MODELS: [(&str, &str, &str, u64); 3] = [
    ("qwen2.5:3b", "qwen2", "3.1B", 1_929_912_432),
    ("llama3.1:8b", "llama", "8.0B", 4_920_753_328),
    ("phi3:mini", "phi3", "3.8B", 2_176_178_913),
];

/// Whether the model can be asked.
pub(super) fn is_pulled(name: &str) -> bool {
    MODELS.iter().any(|(known, ..)| *known == name)
}

/// The answer of `GET /api/tags`.
pub(super) fn list() -> Value {
    let models: Vec<Value> = MODELS.iter().map(entry).collect();
    json!({"models": models})
}

fn entry((name, family, parameters, size): &(&str, &str, &str, u64)) -> Value {
    json!({
        "name": name,
        "model": name,
        "modified_at": "2026-01-01T00:00:00Z",
        "size": size,
        "digest": hex::encode(Sha256::digest(name.as_bytes())),
        "details": {
            "parent_model": "",
            "format": "gguf",
            "family": family,
            "families": [family],
            "parameter_size": parameters,
            "quantization_level": "Q4_K_M",
        },
    })
}
