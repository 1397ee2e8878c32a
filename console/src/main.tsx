import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { asApiError } from "@/api/errors";
import { makeRouter } from "@/router";
import "@/styles.css";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // What a person may not see or what is not there stays so; an outage is asked again by the interval.
      retry: (tries, error) => {
        const known = asApiError(error);
        return tries < 1 && (known === null || known.status === 429 || known.status >= 500);
      },
    },
  },
});
const router = makeRouter(client);

const place = document.getElementById("root");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
