/** A page of one thing while it is fetched: name, first line, state, then rows. Shown once waiting is noticed. */
export function PageSkeleton({ title }: { title: string }) {
  return (
    <div>
      <h1 className="sr-only">{title}</h1>
      <div className="after-150 px-6 pt-5 max-md:px-4" aria-hidden="true">
        <div className="skeleton h-3 w-56 max-w-full" />
        <div className="skeleton mt-5 h-6 w-[28rem] max-w-full" />
        <div className="skeleton mt-5 h-3 w-96 max-w-full" />
        <div className="-mx-6 mt-10 border-t border-line max-md:-mx-4" />
        <div className="flex gap-8 pt-8">
          <div className="flex min-w-0 flex-1 flex-col gap-6">
            <div className="skeleton h-3 w-2/5" />
            <div className="skeleton ml-[12%] h-5 w-1/5" />
            <div className="skeleton ml-[20%] h-5 w-2/5" />
            <div className="skeleton ml-[45%] h-5 w-2/5" />
            <div className="skeleton mt-6 h-3 w-3/5" />
            <div className="skeleton h-3 w-1/2" />
          </div>
          <div className="hidden w-[300px] flex-col gap-3 xl:flex">
            <div className="skeleton h-3 w-32" />
            <div className="skeleton h-3 w-56" />
            <div className="skeleton h-3 w-48" />
            <div className="skeleton h-3 w-60" />
          </div>
        </div>
      </div>
    </div>
  );
}
