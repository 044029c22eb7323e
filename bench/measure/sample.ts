/** The cached value: a page of ten rows as an API returns it, about two kilobytes of JSON. */
export const sampleValue = {
  items: Array.from({ length: 10 }, (_, index) => ({
    id: `deal_01J${String(index).padStart(23, '0')}`,
    title: `Kelp nets for the north shore, lot ${index}`,
    stage: 'negotiation',
    value: `${12_500 + index}.00`,
    companyId: `company_${index}`,
    ownerId: null,
    createdAt: '2026-03-01T09:30:00.000Z',
    updatedAt: '2026-03-02T16:45:10.250Z',
  })),
  nextCursor: 'deal_01J00000000000000000000009',
};
