-- Incidents that have waited for a supplier: few among those of half a year.
create index incident_supplier on incident (detected_at, number) where observation -> 'pauses' @> '[{"why": "vendor"}]';
