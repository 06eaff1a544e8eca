/** The appointments of a conversation, and the form by which an agent books, moves or cancels one. */
import { html, useEffect, useState } from "/shared/ui.js";
import { spoken } from "./parts.js";
import { dayName, dayOf, timeOf } from "./timetable.js";

const DAY = { weekday: "short", day: "numeric", month: "short" };

export function Appointments({ id, appointments, when, desk }) {
  const [changed, setChanged] = useState(null); // "new", or the appointment to move
  const close = () => setChanged(null);
  return html`<section class="part"><h3>Appointments</h3>
    ${appointments.length > 0 && html`<ul class="appointments">${appointments.map((one) => html`<${Appointment} key=${one.id} id=${id} appointment=${one} when=${when} desk=${desk} onMove=${() => setChanged(one)} />`)}</ul>`}
    ${appointments.length === 0 && html`<p class="soft">None.</p>`}
    ${changed && html`<${Form} key=${changed.id ?? "new"} id=${id} moved=${changed === "new" ? null : changed} desk=${desk} onClose=${close} />`}
    ${!changed && html`<button type="button" class="link" onClick=${() => setChanged("new")}>Book</button>`}
  </section>`;
}

function Appointment({ id, appointment, when, desk, onMove }) {
  const [isSure, setSure] = useState(false);
  return html`<li class=${`appointment ${appointment.state}`}>
    <strong>${spoken(appointment.service)}</strong>
    <span>${when(appointment.starts_at)}</span>
    <span class="soft">${[appointment.resource, appointment.code, appointment.state !== "booked" && spoken(appointment.state)].filter(Boolean).join(" · ")}</span>
    ${appointment.state === "booked" &&
    html`<span><button type="button" class="link" onClick=${onMove}>Move</button>
      <button type="button" class="link" onClick=${() => (isSure ? desk.cancelAppointment(id, appointment.id) : setSure(true))}>${isSure ? "Yes, cancel it" : "Cancel"}</button></span>`}
  </li>`;
}

/** Service and day first, then one of the openings; what somebody else took meanwhile gives way to those that are left. */
function Form({ id, moved, desk, onClose }) {
  const [services, setServices] = useState([]);
  const [service, setService] = useState("");
  const [day, setDay] = useState(moved ? dayOf(moved.starts_at) : "");
  const [openings, setOpenings] = useState(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    desk.openings({}).then((found) => {
      setServices(found?.services ?? []);
      if (moved) setService(found?.services.find(({ name }) => name === moved.service)?.key ?? "");
    });
  }, []);
  useEffect(() => {
    let isCurrent = true;
    setOpenings(null);
    if (service && day) desk.openings({ service, day }).then((found) => isCurrent && setOpenings(found?.openings ?? []));
    return () => (isCurrent = false);
  }, [service, day]);
  const choose = async (start) => {
    setBusy(true);
    const left = await (moved ? desk.moveAppointment(id, moved.id, start) : desk.bookAppointment(id, service, start));
    setBusy(false);
    if (left) setOpenings(left);
    else onClose();
  };
  return html`<div class="booking" role="group" aria-label=${moved ? "Move the appointment" : "Book an appointment"}>
    ${!moved && html`<label class="stacked">Service<select value=${service} onChange=${(event) => setService(event.target.value)}><option value="">Choose…</option>${services.map(({ key, name }) => html`<option key=${key} value=${key}>${spoken(name)}</option>`)}</select></label>`}
    <label class="stacked">Day<input type="date" value=${day} onChange=${(event) => setDay(event.target.value)} /></label>
    <div role="status">${openings?.length === 0 && html`<p class="soft">Nothing is free.</p>`}</div>
    ${openings?.length > 0 && html`<ul class="booking-openings" aria-label="Openings">${openings.map(({ starts_at }) => html`<li key=${starts_at}><button type="button" class="button" disabled=${isBusy} onClick=${() => choose(starts_at)}>${dayOf(starts_at) !== day && `${dayName(dayOf(starts_at), DAY)}, `}${timeOf(starts_at)}</button></li>`)}</ul>`}
    <button type="button" class="link" onClick=${onClose}>Close</button>
  </div>`;
}
