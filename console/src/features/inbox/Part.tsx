import { createContext, type ReactNode, useContext } from "react";

/** How deep the parts of a ticket stand below the title of the page. */
export const PartLevel = createContext<2 | 3>(3);

/** One part of a ticket under its small grey title. */
export function Part({
  title,
  aside,
  children,
}: {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  const Title = useContext(PartLevel) === 2 ? "h2" : "h3";
  return (
    <section>
      <div className="mb-1.5 flex items-baseline justify-between gap-4">
        <Title className="text-xs text-muted">{title}</Title>
        {aside}
      </div>
      {children}
    </section>
  );
}
