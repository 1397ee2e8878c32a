//! AWS, for the built-in MCP server.

use secrecy::SecretString;

use crate::parse;
use crate::setting::Setting;

settings! {
    /// AWS, for the built-in MCP server `aws-ecs`.
    Aws, "AWS" {
        /// Id of the access key.
        option access_key_id: SecretString = Setting::new("AWS_ACCESS_KEY_ID").secret(), parse::LOGIN;
        /// The access key.
        option secret_access_key: SecretString = Setting::new("AWS_SECRET_ACCESS_KEY").secret(), parse::LOGIN;
        /// Token of a temporary key.
        option session_token: SecretString = Setting::new("AWS_SESSION_TOKEN").secret(), parse::LOGIN;
        /// Region.
        option region: String = Setting::new("AWS_REGION"), parse::NAME;
        /// Cluster the service runs in.
        option ecs_cluster: String = Setting::new("ECS_CLUSTER"), parse::NAME;
        /// The service.
        option ecs_service: String = Setting::new("ECS_SERVICE"), parse::NAME;
        /// Group of its logs.
        option ecs_log_group: String = Setting::new("ECS_LOG_GROUP"), parse::TEXT;
    }
}
