-- Tables of the engine: runs, tickets, effects, checkpoints, bus, webhooks, orders, schedules, registries, ledgers.

CREATE TABLE tower_tickets (
  id {bigserial},
  run_id TEXT NOT NULL,
  ticket_type TEXT NOT NULL DEFAULT 'tool_call' CHECK (ticket_type IN ('tool_call', 'morphogenetic_tier2', 'morphogenetic_tier3', 'effect_reconcile', 'feature_intake')),
  risk_level TEXT NOT NULL DEFAULT 'medium' CHECK (risk_level IN ('low', 'medium', 'high')),
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'rejected', 'expired')),
  proposed_action {json} NOT NULL DEFAULT '{}',
  context_pack {json} NOT NULL DEFAULT '{}',
  decision_payload {json},
  checkpoint_id TEXT,
  interrupt_id TEXT,
  created_at {ts} NOT NULL,
  decided_at {ts},
  decided_by TEXT,
  expires_at {ts} NOT NULL,
  payload_hash TEXT,
  effect_id TEXT,
  gate_epoch {bigint},
  policy_version TEXT,
  rule_id {bigint}
);
CREATE INDEX tower_tickets_run ON tower_tickets (run_id);
CREATE INDEX tower_tickets_status ON tower_tickets (status, created_at DESC);
CREATE UNIQUE INDEX tower_tickets_one_pending ON tower_tickets (run_id) WHERE status = 'pending' AND ticket_type = 'tool_call';

CREATE TABLE tower_runs (
  run_id TEXT NOT NULL PRIMARY KEY,
  workflow_id TEXT NOT NULL DEFAULT 'default',
  status TEXT NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'waiting_approval', 'completed', 'failed', 'cancelled')),
  priority {int} NOT NULL DEFAULT 5 CHECK (priority BETWEEN 0 AND 10),
  run_name TEXT,
  input_state {json} NOT NULL DEFAULT '{}',
  metadata {json} NOT NULL DEFAULT '{}',
  created_by TEXT,
  created_at {ts} NOT NULL,
  updated_at {ts} NOT NULL,
  started_at {ts},
  finished_at {ts},
  last_checkpoint_id TEXT,
  last_ticket_id {bigint} REFERENCES tower_tickets (id),
  last_error TEXT,
  workflow_version {int},
  attempt {int} NOT NULL DEFAULT 0,
  lease_owner TEXT,
  lease_epoch {bigint} NOT NULL DEFAULT 0,
  lease_until {ts},
  paused {bool} NOT NULL DEFAULT {false},
  serial_key TEXT,
  concurrency_limit {int},
  available_at {ts},
  deadline_at {ts},
  cancel_requested {bool} NOT NULL DEFAULT {false},
  parent_run_id TEXT,
  parent_checkpoint_id TEXT,
  goal_level {int},
  idempotency_key TEXT,
  cost_micros {bigint} NOT NULL DEFAULT 0,
  tokens {bigint} NOT NULL DEFAULT 0,
  event_seq {bigint} NOT NULL DEFAULT 0
);
CREATE INDEX tower_runs_status ON tower_runs (status, priority DESC, updated_at);
CREATE INDEX tower_runs_workflow ON tower_runs (workflow_id, updated_at DESC);
CREATE INDEX tower_runs_updated ON tower_runs (updated_at DESC);
CREATE INDEX tower_runs_lease ON tower_runs (lease_until) WHERE status = 'running';
CREATE INDEX tower_runs_serial ON tower_runs (serial_key) WHERE status IN ('queued', 'running', 'waiting_approval');
CREATE UNIQUE INDEX tower_runs_serial_one ON tower_runs (serial_key) WHERE started_at IS NOT NULL AND status IN ('queued', 'running', 'waiting_approval') AND concurrency_limit IS NULL;

CREATE TABLE tower_run_events (
  id {bigserial},
  run_id TEXT NOT NULL,
  event_type TEXT NOT NULL,
  payload {json} NOT NULL DEFAULT '{}',
  created_at {ts} NOT NULL,
  seq {bigint} NOT NULL
);
CREATE INDEX tower_run_events_run ON tower_run_events (run_id, id);
CREATE UNIQUE INDEX tower_run_events_seq ON tower_run_events (run_id, seq);

CREATE TABLE tower_effects (
  effect_id TEXT NOT NULL PRIMARY KEY,
  run_id TEXT NOT NULL,
  tool_name TEXT NOT NULL,
  params_hash TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'prepared' CHECK (status IN ('prepared', 'executing', 'committed', 'aborted', 'failed', 'unknown', 'not_sent')),
  prepared_payload {json},
  result_payload {json},
  ticket_id {bigint},
  created_at {ts} NOT NULL,
  committed_at {ts},
  tool_call_id TEXT,
  business_key TEXT,
  attempted_at {ts},
  error TEXT,
  undo_payload {json},
  payload_hash TEXT,
  provider_key TEXT,
  provider_ref TEXT,
  recovery TEXT CHECK (recovery IN ('key', 'lookup', 'person')),
  goal_level {int},
  gate_epoch {bigint},
  policy_version TEXT,
  margin_minor {bigint},
  lease_epoch {bigint},
  reconciled_at {ts}
);
CREATE INDEX tower_effects_run ON tower_effects (run_id, created_at DESC);
CREATE INDEX tower_effects_unclear ON tower_effects (attempted_at) WHERE status IN ('executing', 'unknown');
CREATE UNIQUE INDEX tower_effects_business_key ON tower_effects (business_key) WHERE status NOT IN ('aborted', 'failed', 'not_sent');

CREATE TABLE graph_checkpoints (
  thread_id TEXT NOT NULL,
  checkpoint_id TEXT NOT NULL,
  parent_id TEXT,
  channel_values {json} NOT NULL,
  metadata {json} NOT NULL,
  created_at {ts} NOT NULL,
  step {int} NOT NULL,
  pending {json},
  PRIMARY KEY (thread_id, checkpoint_id)
);
CREATE UNIQUE INDEX graph_checkpoints_step ON graph_checkpoints (thread_id, step);
CREATE INDEX graph_checkpoints_created ON graph_checkpoints (thread_id, created_at DESC);

CREATE TABLE bus_dead_letters (
  id {bigserial},
  stream TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  msg_type TEXT NOT NULL,
  payload {json} NOT NULL,
  error TEXT,
  created_at {ts} NOT NULL,
  resolved_at {ts},
  UNIQUE (stream, entry_id)
);

CREATE TABLE bus_outbox (
  id {bigserial},
  msg_id TEXT NOT NULL UNIQUE,
  stream TEXT NOT NULL,
  msg_type TEXT NOT NULL,
  source TEXT NOT NULL,
  payload {json} NOT NULL,
  created_at {ts} NOT NULL,
  sent_at {ts},
  attempts {int} NOT NULL DEFAULT 0
);
CREATE INDEX bus_outbox_unsent ON bus_outbox (id) WHERE sent_at IS NULL;

CREATE TABLE bus_deliveries (
  consumer_group TEXT NOT NULL,
  msg_id TEXT NOT NULL,
  stream TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'claimed', 'done', 'dead')),
  attempts {int} NOT NULL DEFAULT 0,
  lease_owner TEXT,
  lease_until {ts},
  done_at {ts},
  PRIMARY KEY (consumer_group, msg_id)
);
CREATE INDEX bus_deliveries_open ON bus_deliveries (consumer_group, msg_id) WHERE state IN ('pending', 'claimed');

CREATE TABLE webhook_events (
  id {bigserial},
  provider TEXT NOT NULL,
  event_id TEXT NOT NULL,
  event_type TEXT NOT NULL,
  priority TEXT NOT NULL,
  resource_key TEXT,
  occurred_at {ts},
  received_at {ts} NOT NULL,
  payload {json} NOT NULL,
  headers_subset {json} NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('received', 'dispatched', 'ignored', 'failed')),
  run_id TEXT,
  attempts {int} NOT NULL DEFAULT 0,
  last_error TEXT,
  duplicates {int} NOT NULL DEFAULT 0,
  UNIQUE (provider, event_id)
);
CREATE INDEX webhook_events_received ON webhook_events (received_at) WHERE state = 'received';

CREATE TABLE orders (
  order_key TEXT NOT NULL PRIMARY KEY,
  order_name TEXT,
  currency TEXT,
  total_minor {bigint},
  refunded_minor {bigint} NOT NULL DEFAULT 0,
  payment {int} NOT NULL DEFAULT 0 CHECK (payment BETWEEN 0 AND 5),
  fulfilment {int} NOT NULL DEFAULT 0 CHECK (fulfilment BETWEEN 0 AND 6),
  cancelled {bool} NOT NULL DEFAULT {false},
  is_test {bool} NOT NULL DEFAULT {false},
  print_order_id TEXT,
  last_event_at {ts},
  polled_at {ts},
  version {bigint} NOT NULL DEFAULT 0,
  ordered_at {ts},
  item_count {int},
  refunds {json} NOT NULL DEFAULT '{}',
  print_cost_minor {bigint},
  print_cost_currency TEXT,
  payment_fee_minor {bigint},
  print_cancelled {bool} NOT NULL DEFAULT {false},
  tracking_url TEXT,
  customer_note TEXT,
  shop_seen_at {ts},
  print_seen_at {ts},
  created_at {ts} NOT NULL,
  updated_at {ts} NOT NULL
);
CREATE INDEX orders_updated ON orders (updated_at DESC);

CREATE TABLE tower_rules (
  id {bigserial},
  tool_name TEXT NOT NULL,
  params_match {json} NOT NULL,
  granted_by TEXT NOT NULL,
  granted_at {ts} NOT NULL,
  identical_approvals {int} NOT NULL,
  max_uses {int},
  uses {int} NOT NULL DEFAULT 0,
  expires_at {ts},
  state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'revoked')),
  revoked_by TEXT,
  revoked_at {ts},
  last_bad_effect_id TEXT
);

CREATE TABLE bulk_jobs (
  bulk_id TEXT NOT NULL PRIMARY KEY,
  action TEXT NOT NULL CHECK (action IN ('cancel', 'retry', 'approve', 'reject')),
  filter {json} NOT NULL,
  reason TEXT,
  created_by TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done')),
  matched {int} NOT NULL DEFAULT 0,
  done {int} NOT NULL DEFAULT 0,
  failed {json} NOT NULL DEFAULT '[]',
  cursor TEXT,
  lease_owner TEXT,
  lease_until {ts},
  created_at {ts} NOT NULL,
  finished_at {ts}
);

CREATE TABLE idempotency_keys (
  scope TEXT NOT NULL,
  "key" TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  result_ref TEXT,
  response {json},
  lock_owner TEXT,
  lock_until {ts},
  created_at {ts} NOT NULL,
  expires_at {ts} NOT NULL,
  PRIMARY KEY (scope, "key")
);
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);

CREATE TABLE journal (
  writer_id TEXT NOT NULL,
  seq {bigint} NOT NULL,
  ts {ts} NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('prompt', 'tool_call', 'ticket', 'effect', 'provider', 'money', 'mutation', 'policy')),
  run_id TEXT,
  ref_type TEXT NOT NULL,
  ref_id TEXT NOT NULL,
  actor TEXT,
  payload_hash TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (writer_id, seq)
);

CREATE TABLE journal_seals (
  id {bigserial},
  ts {ts} NOT NULL,
  heads {json} NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
);

CREATE TABLE leader_leases (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT,
  epoch {bigint} NOT NULL DEFAULT 0,
  lease_until {ts},
  updated_at {ts} NOT NULL
);

CREATE TABLE system_switches (
  name TEXT NOT NULL PRIMARY KEY,
  on_state {bool} NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  changed_by TEXT NOT NULL,
  changed_at {ts} NOT NULL
);

CREATE TABLE dead_letter_queue (
  id {bigserial},
  job_id TEXT NOT NULL,
  payload {json} NOT NULL,
  error TEXT NOT NULL,
  attempts {int} NOT NULL DEFAULT 1,
  max_attempts {int} NOT NULL DEFAULT 3,
  created_at {ts} NOT NULL,
  next_retry_at {ts},
  resolved_at {ts},
  retry_run_id TEXT
);
CREATE INDEX dead_letter_queue_due ON dead_letter_queue (next_retry_at) WHERE resolved_at IS NULL;

CREATE TABLE scheduler_job_state (
  job_id TEXT NOT NULL PRIMARY KEY,
  enabled {bool} NOT NULL DEFAULT {true},
  paused {bool} NOT NULL DEFAULT {false},
  misfire TEXT NOT NULL DEFAULT 'run_once' CHECK (misfire IN ('skip', 'run_once', 'run_all')),
  overlap TEXT NOT NULL DEFAULT 'skip' CHECK (overlap IN ('skip', 'queue')),
  next_run_at {ts},
  last_run_at {ts},
  last_status TEXT CHECK (last_status IN ('ok', 'failed', 'skipped')),
  last_error TEXT,
  skip_reason TEXT,
  last_run_id TEXT,
  updated_at {ts} NOT NULL
);

CREATE TABLE scheduler_ticks (
  id {bigserial},
  job_id TEXT NOT NULL,
  scheduled_at {ts} NOT NULL,
  fired_at {ts},
  state TEXT NOT NULL CHECK (state IN ('claimed', 'ok', 'failed', 'skipped')),
  skip_reason TEXT,
  run_id TEXT,
  owner TEXT,
  UNIQUE (job_id, scheduled_at)
);

CREATE TABLE approval_queue (
  id {bigserial},
  action_type TEXT NOT NULL,
  agent_id TEXT,
  tool_name TEXT NOT NULL,
  parameters {json} NOT NULL,
  risk_level TEXT NOT NULL DEFAULT 'medium' CHECK (risk_level IN ('low', 'medium', 'high')),
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'rejected', 'expired')),
  requested_at {ts} NOT NULL,
  decided_at {ts},
  decided_by TEXT,
  expires_at {ts} NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  ticket_id {bigint}
);
CREATE INDEX approval_queue_pending ON approval_queue (status, requested_at DESC) WHERE status = 'pending';

CREATE TABLE budget_ledger (
  id {bigserial},
  ts {ts} NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('run', 'day', 'holly_day', 'margin_day')),
  scope_key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('reserve', 'settle', 'release')),
  amount_micros {bigint} NOT NULL,
  margin_minor {bigint} NOT NULL DEFAULT 0,
  tokens {bigint} NOT NULL DEFAULT 0,
  reserve_id {bigint} REFERENCES budget_ledger (id),
  run_id TEXT,
  call_id {bigint},
  effect_id TEXT
);
CREATE UNIQUE INDEX budget_ledger_one_end ON budget_ledger (reserve_id) WHERE reserve_id IS NOT NULL;
CREATE INDEX budget_ledger_scope ON budget_ledger (scope, scope_key);
CREATE INDEX budget_ledger_call ON budget_ledger (call_id) WHERE call_id IS NOT NULL;

CREATE TABLE execution_budgets (
  id {bigserial},
  thread_id TEXT NOT NULL UNIQUE,
  iterations {int} NOT NULL DEFAULT 0,
  total_cost_usd {real} NOT NULL DEFAULT 0,
  total_tokens {int} NOT NULL DEFAULT 0,
  started_at {ts} NOT NULL,
  terminated_at {ts},
  termination_reason TEXT
);

CREATE TABLE agent_configs (
  agent_id TEXT NOT NULL PRIMARY KEY,
  channel_id TEXT NOT NULL,
  display_name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  model_id TEXT NOT NULL,
  system_prompt TEXT NOT NULL,
  tool_ids {text_array} NOT NULL DEFAULT '{}'::text[],
  is_builtin {bool} NOT NULL DEFAULT {false},
  version {int} NOT NULL DEFAULT 1,
  updated_at {ts} NOT NULL,
  deleted_at {ts}
);

CREATE TABLE agent_config_versions (
  id {bigserial},
  agent_id TEXT NOT NULL,
  version {int} NOT NULL,
  channel_id TEXT NOT NULL,
  display_name TEXT NOT NULL,
  description TEXT NOT NULL,
  model_id TEXT NOT NULL,
  system_prompt TEXT NOT NULL,
  tool_ids {text_array} NOT NULL,
  change_summary TEXT NOT NULL DEFAULT '',
  created_at {ts} NOT NULL,
  UNIQUE (agent_id, version)
);
CREATE INDEX agent_config_versions_newest ON agent_config_versions (agent_id, version DESC);

CREATE TABLE tool_registry (
  tool_id TEXT NOT NULL PRIMARY KEY,
  display_name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  module_path TEXT NOT NULL,
  function_name TEXT NOT NULL,
  category TEXT NOT NULL DEFAULT 'general',
  registered_at {ts} NOT NULL,
  risk_level TEXT CHECK (risk_level IN ('low', 'medium', 'high')),
  mutating {bool},
  input_schema {json},
  recovery TEXT,
  goal_level {int}
);

CREATE TABLE workflow_definitions (
  workflow_id TEXT NOT NULL PRIMARY KEY,
  display_name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  version {int} NOT NULL DEFAULT 1,
  is_active {bool} NOT NULL DEFAULT {false},
  is_builtin {bool} NOT NULL DEFAULT {false},
  definition {json} NOT NULL,
  created_at {ts} NOT NULL,
  updated_at {ts} NOT NULL,
  deleted_at {ts}
);
CREATE UNIQUE INDEX workflow_definitions_one_active ON workflow_definitions (is_active) WHERE is_active AND deleted_at IS NULL;

CREATE TABLE workflow_versions (
  id {bigserial},
  workflow_id TEXT NOT NULL,
  version {int} NOT NULL,
  definition {json} NOT NULL,
  change_summary TEXT NOT NULL DEFAULT '',
  created_at {ts} NOT NULL,
  display_name TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',
  UNIQUE (workflow_id, version)
);
CREATE INDEX workflow_versions_newest ON workflow_versions (workflow_id, version DESC);

CREATE TABLE agent_efficacy (
  id {bigserial},
  agent_id TEXT NOT NULL,
  channel_id VARCHAR(16) NOT NULL,
  version {int} NOT NULL,
  period_start {ts} NOT NULL,
  period_end {ts} NOT NULL,
  invocations {int} NOT NULL DEFAULT 0,
  successes {int} NOT NULL DEFAULT 0,
  failures {int} NOT NULL DEFAULT 0,
  avg_latency_ms {real} NOT NULL DEFAULT 0,
  total_cost_usd {real} NOT NULL DEFAULT 0,
  p_fail {real} NOT NULL DEFAULT 0,
  capacity {real} NOT NULL DEFAULT 0,
  computed_at {ts} NOT NULL,
  UNIQUE (agent_id, version, period_start)
);
CREATE INDEX agent_efficacy_newest ON agent_efficacy (agent_id, version, period_start DESC);

CREATE TABLE eval_results (
  id {bigserial},
  suite_id TEXT NOT NULL,
  task_id TEXT NOT NULL,
  passed {bool} NOT NULL,
  score {real} NOT NULL DEFAULT 0,
  latency_ms {real} NOT NULL DEFAULT 0,
  cost_usd {real} NOT NULL DEFAULT 0,
  output_preview TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  run_at {ts} NOT NULL
);
CREATE INDEX eval_results_suite ON eval_results (suite_id, run_at DESC);

CREATE TABLE system_images (
  id {bigserial},
  name TEXT NOT NULL DEFAULT '',
  image_data {json} NOT NULL,
  checksum VARCHAR(128) NOT NULL,
  exported_at {ts} NOT NULL
);

CREATE TABLE hierarchy_gate_status (
  level {int} NOT NULL PRIMARY KEY CHECK (level BETWEEN 0 AND 6),
  is_open {bool} NOT NULL DEFAULT {true},
  failing_predicates {int_array} NOT NULL,
  updated_at {ts} NOT NULL
);
INSERT INTO hierarchy_gate_status (level, is_open, failing_predicates, updated_at)
SELECT level, {true}, {no_ints}, '1970-01-01T00:00:00.000000Z'
FROM (SELECT 0 AS level UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6) AS levels;

CREATE TABLE hierarchy_gate_history (
  id {bigserial},
  ts {ts} NOT NULL,
  level {int} NOT NULL CHECK (level BETWEEN 0 AND 6),
  is_open {bool} NOT NULL,
  failing_predicates {int_array} NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('observer', 'observation', 'recompute', 'structure'))
);
CREATE INDEX hierarchy_gate_history_level ON hierarchy_gate_history (level, id DESC);

CREATE TABLE llm_calls (
  id {bigserial},
  ts {ts} NOT NULL,
  run_id TEXT,
  step {int},
  node TEXT,
  session_id TEXT,
  turn_id TEXT,
  agent_id TEXT,
  workflow_id TEXT,
  task_type TEXT,
  purpose TEXT NOT NULL CHECK (purpose IN ('agent', 'holly', 'chat', 'eval', 'job')),
  provider TEXT NOT NULL,
  model_requested TEXT NOT NULL,
  model_used TEXT NOT NULL,
  input_tokens {int} NOT NULL DEFAULT 0,
  output_tokens {int} NOT NULL DEFAULT 0,
  cache_read_tokens {int} NOT NULL DEFAULT 0,
  cache_write_tokens {int} NOT NULL DEFAULT 0,
  reasoning_tokens {int} NOT NULL DEFAULT 0,
  estimated {bool} NOT NULL DEFAULT {false},
  cost_micros {bigint},
  latency_ms {int},
  ttft_ms {int},
  status TEXT NOT NULL CHECK (status IN ('started', 'ok', 'error', 'cancelled', 'lost')),
  error_class TEXT,
  request_id TEXT,
  trace_id TEXT,
  lease_epoch {bigint}
);
CREATE INDEX llm_calls_ts ON llm_calls (ts DESC);
CREATE INDEX llm_calls_run ON llm_calls (run_id);
CREATE INDEX llm_calls_agent ON llm_calls (agent_id, ts DESC);

CREATE TABLE llm_fallback_events (
  id {bigserial},
  ts {ts} NOT NULL,
  primary_model TEXT NOT NULL,
  attempted_model TEXT NOT NULL,
  next_model TEXT,
  error_class TEXT NOT NULL,
  error_message TEXT NOT NULL,
  success {bool} NOT NULL,
  run_id TEXT
);

CREATE TABLE billing_days (
  provider TEXT NOT NULL,
  day TEXT NOT NULL,
  billed_micros {bigint} NOT NULL,
  ledger_micros {bigint} NOT NULL,
  fetched_at {ts} NOT NULL,
  PRIMARY KEY (provider, day)
);

CREATE TABLE spans (
  span_id TEXT NOT NULL PRIMARY KEY,
  trace_id TEXT NOT NULL,
  parent_id TEXT,
  root_id TEXT NOT NULL,
  name TEXT NOT NULL,
  run_type TEXT NOT NULL CHECK (run_type IN ('chain', 'llm', 'tool', 'retriever')),
  status TEXT NOT NULL CHECK (status IN ('pending', 'success', 'error')),
  start_time {ts} NOT NULL,
  end_time {ts},
  model TEXT,
  prompt_tokens {int} NOT NULL DEFAULT 0,
  completion_tokens {int} NOT NULL DEFAULT 0,
  total_tokens {int} NOT NULL DEFAULT 0,
  cost_micros {bigint},
  error TEXT,
  inputs_preview TEXT NOT NULL,
  outputs_preview TEXT NOT NULL,
  inputs {json},
  outputs {json},
  agent_id TEXT,
  channel_id TEXT,
  workflow_id TEXT,
  tower_run_id TEXT,
  ticket_id {bigint},
  attempt {int},
  attributes {json} NOT NULL
);
CREATE INDEX spans_root ON spans (root_id, start_time);
CREATE INDEX spans_roots_newest ON spans (start_time DESC) WHERE parent_id IS NULL;

CREATE TABLE log_lines (
  id {bigserial},
  ts {ts} NOT NULL,
  level TEXT NOT NULL,
  logger TEXT NOT NULL,
  message TEXT NOT NULL,
  agent TEXT,
  run_id TEXT,
  fields {json} NOT NULL
);
CREATE INDEX log_lines_ts ON log_lines (ts DESC);

CREATE TABLE guardrail_patterns (
  pattern_id TEXT NOT NULL PRIMARY KEY,
  label TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('secret', 'pii')),
  regex TEXT NOT NULL,
  applies_to TEXT NOT NULL CHECK (applies_to IN ('input', 'output', 'both')),
  enabled {bool} NOT NULL DEFAULT {true},
  built_in {bool} NOT NULL DEFAULT {false},
  created_by TEXT NOT NULL,
  created_at {ts} NOT NULL
);

CREATE TABLE guardrail_checks (
  id {bigserial},
  ts {ts} NOT NULL,
  point TEXT NOT NULL CHECK (point IN ('input', 'output', 'tool_result')),
  source TEXT NOT NULL,
  run_id TEXT,
  flags {json} NOT NULL,
  tripped {bool} NOT NULL
);
CREATE INDEX guardrail_checks_ts ON guardrail_checks (ts DESC);

CREATE TABLE security_audit (
  id {bigserial},
  ts {ts} NOT NULL,
  actor TEXT,
  role TEXT,
  ip TEXT,
  action TEXT NOT NULL,
  target TEXT,
  outcome TEXT NOT NULL,
  request_id TEXT,
  details {json} NOT NULL
);
CREATE INDEX security_audit_ts ON security_audit (ts DESC);

CREATE TABLE revoked_tokens (
  jti TEXT NOT NULL PRIMARY KEY,
  expires_at {ts} NOT NULL,
  revoked_at {ts} NOT NULL
);

CREATE TABLE console_users (
  email TEXT NOT NULL PRIMARY KEY,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  created_at {ts} NOT NULL,
  disabled_at {ts},
  last_login_at {ts}
);
