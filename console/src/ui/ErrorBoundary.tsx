import { Component, type ReactNode } from "react";
import { strings } from "@/strings";
import { Button } from "./Button";
import { Empty } from "./states";

/** Keeps a fault of one panel inside that panel. */
export class ErrorBoundary extends Component<{ what: string; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch(error: unknown) {
    console.error(error);
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Empty
        icon="warn"
        title={strings.error.panelCrashed(this.props.what)}
        action={<Button onClick={() => this.setState({ failed: false })}>{strings.common.retry}</Button>}
      >
        {strings.error.panelCrashedHint}
      </Empty>
    );
  }
}
