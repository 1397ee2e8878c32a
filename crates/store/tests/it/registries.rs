//! Agents, workflows and tools.

use domain::ids::ToolId;
use domain::tool::{Access, Recovery, Risk, ToolSpec};
use serde_json::json;
use store::registries::{self, AgentConfig, WorkflowRow};
use store::versions;

use crate::common::each;

#[tokio::test]
async fn seeding_again_overwrites_nothing() {
    each(|f| async move {
        let mut agent = AgentConfig {
            agent_id: "operations".to_owned(),
            channel_id: "K1".to_owned(),
            display_name: "Operations".to_owned(),
            description: String::new(),
            model_id: "m".to_owned(),
            system_prompt: "You print.".to_owned(),
            tool_ids: vec!["a".to_owned(), "b".to_owned()],
            is_builtin: true,
            version: 1,
            updated_at: f.now(),
        };
        let mut workflow = WorkflowRow {
            workflow_id: "default".to_owned(),
            display_name: "Default".to_owned(),
            description: String::new(),
            version: 1,
            is_active: true,
            is_builtin: true,
            definition: json!({"nodes": []}),
            created_at: f.now(),
            updated_at: f.now(),
        };
        let (agent_before, workflow_before) = (agent.clone(), workflow.clone());
        for _ in 0..2 {
            let mut tx = f.db.begin().await.unwrap();
            registries::seed_agent(&mut tx, &agent, f.now()).await.unwrap();
            registries::seed_workflow(&mut tx, &workflow, f.now()).await.unwrap();
            tx.commit().await.unwrap();
            agent.system_prompt = "other".to_owned();
            workflow.definition = json!({"nodes": [1]});
        }
        assert_eq!(registries::agents(&f.db).await.unwrap(), std::slice::from_ref(&agent_before));
        assert_eq!(registries::get_agent(&f.db, "operations").await.unwrap(), Some(agent_before));
        assert_eq!(registries::get_agent(&f.db, "x").await.unwrap(), None);
        assert_eq!(registries::workflows(&f.db).await.unwrap(), std::slice::from_ref(&workflow_before));
        assert_eq!(registries::get_workflow(&f.db, "default").await.unwrap(), Some(workflow_before.clone()));
        assert_eq!(registries::workflow_version(&f.db, "default", 1).await.unwrap(), Some(json!({"nodes": []})));
        assert_eq!(registries::workflow_version(&f.db, "default", 2).await.unwrap(), None);

        let of_agent = versions::of_agent(&f.db, "operations", 50).await.unwrap();
        assert_eq!(of_agent.len(), 1);
        assert_eq!((of_agent[0].version, of_agent[0].system_prompt.as_str()), (1, "You print."));
        assert_eq!(versions::agent_version(&f.db, "operations", 1).await.unwrap().as_ref(), of_agent.first());
        assert_eq!(versions::agent_version(&f.db, "operations", 2).await.unwrap(), None);
        let of_workflow = versions::of_workflow(&f.db, "default", 50).await.unwrap();
        assert_eq!(of_workflow.len(), 1);
        assert_eq!(versions::workflow_version(&f.db, "default", 1).await.unwrap().as_ref(), of_workflow.first());
        assert_eq!(versions::workflow_version(&f.db, "other", 1).await.unwrap(), None);

        let second = WorkflowRow { workflow_id: "second".to_owned(), ..workflow };
        let mut tx = f.db.begin().await.unwrap();
        registries::seed_workflow(&mut tx, &second, f.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(registries::active_workflow(&f.db).await.unwrap(), Some(workflow_before));
    })
    .await;
}

#[tokio::test]
async fn the_catalogue_follows_the_code() {
    each(|f| async move {
        let mut spec = ToolSpec {
            id: ToolId::from_stored("printful_submit_order".to_owned()),
            display_name: "Submit",
            description: "Prints.",
            category: "printful",
            schema: json!({"type": "object"}),
            access: Access::Mutate,
            risk: Risk::Medium,
            recovery: Recovery::Lookup,
            goal_level: Some(3),
            repeatable: false,
        };
        for risk in [Risk::Medium, Risk::High] {
            spec.risk = risk;
            let mut tx = f.db.begin().await.unwrap();
            registries::register_tool(&mut tx, &spec, f.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(registries::tool_ids(&f.db).await.unwrap(), ["printful_submit_order"]);
    })
    .await;
}
