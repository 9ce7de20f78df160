"""Long work in the frame of every page: seen while it goes on, told when it ends, found again."""

import re

from playwright.sync_api import Page, expect

from tests.served import Program, wait_until

INDICATOR = re.compile("is under way$|are under way$|^A job has failed$|^Jobs that ended lately$")
RULE = {"type": "field", "field": "city", "op": "eq", "value": "Ottensheim"}


def built(program: Program, key: str) -> None:
    """Have a segment built by a job, to its end."""
    program.post(
        "/api/segments/", {"key": key, "name": f"Mill town {key}", "kind": "static", "rule": RULE}
    )
    wait_until(
        lambda: any(
            job["title"].endswith(f"Mill town {key}") and job["status"] == "done"
            for job in program.get("/api/jobs/")["results"]
        ),
        seconds=60,
    )


def test_a_job_that_has_ended_leads_to_its_place(page: Page, program: Program) -> None:
    built(program, "jobs-a")
    page.goto("/contacts")
    page.get_by_role("button", name=INDICATOR).click()
    jobs = page.get_by_role("dialog", name="Jobs")
    line = jobs.get_by_role("listitem").filter(has_text="Mill town jobs-a")
    expect(line).to_contain_text("done")
    line.get_by_role("button", name=re.compile("Mill town jobs-a")).click()
    expect(page).to_have_url(re.compile("/segments/jobs-a$"))
    page.get_by_role("button", name=INDICATOR).click()
    jobs.get_by_role("link", name="All jobs").click()
    expect(page).to_have_url(re.compile("/settings\\?tab=jobs"))
    expect(page.get_by_role("row").filter(has_text="Mill town jobs-a")).to_be_visible()


def test_the_end_of_a_job_is_told_where_one_is(page: Page, program: Program) -> None:
    job = {
        **program.get("/api/jobs/")["results"][0],
        "id": "7d1c0d0e-0d0f-4a3e-9a53-1f6a0f3a7b11",
        "kind": "segment_build",
        "title": "Build the segment Somewhere else",
        "detail": {"segment": "somewhere-else"},
        "status": "running",
        "done": 40,
        "total": 100,
        "error": "",
        "finished_at": None,
    }
    told = {"results": [job], "next": None, "previous": None}
    page.route("**/api/jobs/?*", lambda route: route.fulfill(json=told))
    page.goto("/contacts")
    expect(page.get_by_role("button", name="1 job is under way")).to_be_visible()
    told["results"] = [{**job, "status": "done", "done": 100, "finished_at": job["created_at"]}]
    notice = page.get_by_role("alert").filter(has_text="Done: Build the segment Somewhere else")
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="See it").click()
    expect(page).to_have_url(re.compile("/segments/somewhere-else$"))
